import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import { linksOf, type NewRun, type Recorded, RunLedger } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import { Refusal } from '../http/refusal';

/** A run that a request asks for; the header `Idempotency-Key`, where it was sent. */
export type AskedRun = Omit<NewRun, 'idempotency'> & {
  readonly idempotencyKey?: string | undefined;
};

/** Records a run and hands it to the queue. The row is there before the answer; the queue may be late. */
@Injectable()
export class StartRun {
  private readonly logger = new Logger(StartRun.name);

  constructor(
    private readonly ledger: RunLedger,
    private readonly queue: RunQueue,
  ) {}

  /** Throws a refusal when the key was used for something else, or when name or address are taken. */
  async execute({ idempotencyKey, ...asked }: AskedRun): Promise<RunAccepted> {
    const recorded = await this.ledger.record({
      ...asked,
      ...(idempotencyKey !== undefined && {
        idempotency: { key: idempotencyKey, requestHash: hashOf(asked) },
      }),
    });
    if (recorded.outcome === 'key-reused' || recorded.outcome === 'taken') {
      throw refusalOf(recorded, asked.reserve);
    }
    if (recorded.outcome === 'created') {
      // Not waited for: the sweeper finds every run that the queue has lost.
      this.queue.add(recorded.run).catch((error: unknown) => {
        this.logger.warn({ err: error, runId: recorded.run.id }, 'The queue did not take the run');
      });
    }
    const { id, status } = recorded.run;
    return { id, status, links: linksOf(id) };
  }
}

function hashOf({ kind, request }: Pick<NewRun, 'kind' | 'request'>): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, request]))
    .digest('base64url');
}

function refusalOf(
  recorded: Extract<Recorded, { outcome: 'key-reused' | 'taken' }>,
  wish: NewRun['reserve'],
): Refusal {
  if (recorded.outcome === 'key-reused') {
    return new Refusal({
      code: 'idempotency-key-reused',
      detail: `This Idempotency-Key was sent with another request before: run ${recorded.runId}.`,
      remedy: 'Send a new key with a new request.',
    });
  }
  const { what, by } = recorded;
  const isName = what === 'hostname';
  return new Refusal({
    code: isName ? 'hostname-taken' : 'address-taken',
    detail: `${isName ? 'The host name' : 'The address'} ${wish?.[what]} is held by the ${by.type} ${by.name} (${by.id}).`,
    remedy: `Choose another one, or free it: ${by.type === 'run' ? 'roll that run back' : 'remove that host'}.`,
    errors: [
      { path: isName ? 'hostname' : 'network.address', message: `is held by ${by.type} ${by.id}` },
    ],
    heldBy: by,
  });
}
