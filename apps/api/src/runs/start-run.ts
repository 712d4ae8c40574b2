import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { Holder, RunAccepted, RunKind } from '@diaken/contracts';
import {
  type AddressPool,
  linksOf,
  type NewRun,
  type Recorded,
  RunLedger,
} from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import { Refusal } from '../http/refusal';

/** Who asks for what. */
export interface Asking {
  readonly kind: RunKind;
  readonly requestedBy: string;
  /** What the client sent: two requests with one key must agree in this. */
  readonly asked: unknown;
  /** The header `Idempotency-Key`, where it was sent. */
  readonly idempotencyKey?: string | undefined;
  /** The run that this one repeats. */
  readonly relaunchOf?: string | undefined;
}

/** A run that a request asks for. */
export type AskedRun = Asking & Omit<NewRun, 'idempotency' | 'relaunchOf'>;

/** Records a run and hands it to the queue. The row is there before the answer; the queue may be late. */
@Injectable()
export class StartRun {
  private readonly logger = new Logger(StartRun.name);

  constructor(
    private readonly ledger: RunLedger,
    private readonly queue: RunQueue,
  ) {}

  /** The run that the same request has started before. Throws a refusal when the key was used for something else. */
  async earlier(asking: Asking): Promise<RunAccepted | undefined> {
    const idempotency = idempotencyOf(asking);
    const recorded = idempotency && (await this.ledger.earlier(asking.requestedBy, idempotency));
    return recorded && accepted(recorded);
  }

  /** Throws a refusal when the key was used for something else, or when name or address are taken. */
  async execute(asking: AskedRun): Promise<RunAccepted> {
    return this.handOver(await this.ledger.record(newRunOf(asking)), asking.reserve);
  }

  /** The same with the next free address of a pool. Throws a refusal also when it has none. */
  async executeWithNextAddress(
    pool: AddressPool,
    askingWith: (address: string) => AskedRun,
  ): Promise<RunAccepted> {
    let wish: NewRun['reserve'];
    const recorded = await this.ledger.recordWithNextAddress(pool, (address) => {
      const asking = askingWith(address);
      wish = asking.reserve;
      return newRunOf(asking);
    });
    return this.handOver(recorded, wish);
  }

  private handOver(recorded: Recorded, wish: NewRun['reserve']): RunAccepted {
    if (recorded.outcome === 'created') {
      // Not waited for: the sweeper finds every run that the queue has lost.
      this.queue.add(recorded.run).catch((error: unknown) => {
        this.logger.warn({ err: error, runId: recorded.run.id }, 'The queue did not take the run');
      });
    }
    return accepted(recorded, wish);
  }
}

/** What the ledger is given of it. */
export function newRunOf(asking: AskedRun): NewRun {
  const { asked: _asked, idempotencyKey: _key, relaunchOf, ...run } = asking;
  const idempotency = idempotencyOf(asking);
  return {
    ...run,
    ...(relaunchOf !== undefined && { relaunchOf }),
    ...(idempotency && { idempotency }),
  };
}

/** What makes the same request, sent twice, one; undefined where no key was sent. */
export function idempotencyOf({ kind, asked, idempotencyKey }: Asking): NewRun['idempotency'] {
  if (idempotencyKey === undefined) {
    return undefined;
  }
  const requestHash = createHash('sha256')
    .update(JSON.stringify([kind, asked]))
    .digest('base64url');
  return { key: idempotencyKey, requestHash };
}

/** The answer; throws a refusal when there is none. */
function accepted(recorded: Recorded, wish?: NewRun['reserve']): RunAccepted {
  if (!('run' in recorded)) {
    throw refusalOf(recorded, wish);
  }
  const { id, status } = recorded.run;
  return { id, status, links: linksOf(id) };
}

function refusalOf(
  recorded: Exclude<Recorded, { readonly run: unknown }>,
  wish: NewRun['reserve'],
): Refusal {
  if (recorded.outcome === 'key-reused') {
    return new Refusal({
      code: 'idempotency-key-reused',
      detail: `This Idempotency-Key was sent with another request before: run ${recorded.runId}.`,
      remedy: 'Send a new key with a new request.',
    });
  }
  if (recorded.outcome === 'no-free-address') {
    return noFreeAddress();
  }
  const { what, value, by } = recorded;
  const isExtra = what === 'address' && value !== wish?.address;
  return taken(what, value, by, isExtra ? 'extraNetworks' : undefined);
}

/** Refuses the request for an address of a profile that has none left. */
export function noFreeAddress(): Refusal {
  return new Refusal({
    code: 'no-free-address',
    detail: 'Every address of the network profile is taken.',
    remedy: 'Free one, or widen the ranges of the profile.',
    errors: [{ path: 'network.address', message: 'no free one is left in the profile' }],
  });
}

/** Refuses a name or an address that somebody has. `path`: the field that names it, if it is not the usual one. */
export function taken(
  what: 'hostname' | 'address',
  value: string,
  by: Holder,
  path = what === 'hostname' ? 'hostname' : 'network.address',
): Refusal {
  const isName = what === 'hostname';
  return new Refusal({
    code: isName ? 'hostname-taken' : 'address-taken',
    detail: `${isName ? 'The host name' : 'The address'} ${value} is held by the ${by.type} ${by.name} (${by.id}).`,
    remedy: `Choose another one, or free it: ${by.type === 'run' ? 'roll that run back' : 'remove that host'}.`,
    errors: [{ path, message: `${value} is held by ${by.type} ${by.id}` }],
    heldBy: by,
  });
}
