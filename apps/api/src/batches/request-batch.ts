import { Injectable, Logger } from '@nestjs/common';
import {
  API_PREFIX,
  type BatchAccepted,
  type DeploymentRequest,
  type FieldProblem,
  guestOf,
  ROUTES,
} from '@diaken/contracts';
import { BatchLedger, type BatchMember, type BatchRecorded, linksOf } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import { networkFor, networkOf } from '../deployments/guest-network';
import {
  addressOf,
  extraAddressesOf,
  RequestDeployment,
  type ResolvedRequest,
  runFor,
} from '../deployments/request-deployment';
import { refuseSharedAddresses } from '../deployments/hardware';
import { refuseNameFor } from '../deployments/windows-rules';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { type Asking, idempotencyOf, newRunOf, noFreeAddress, taken } from '../runs/start-run';
import type { SentBatch } from './read-batch';

/** Takes the request for many machines: all of them are recorded in one transaction, or none. */
@Injectable()
export class RequestBatch {
  private readonly logger = new Logger(RequestBatch.name);

  constructor(
    private readonly requestDeployment: RequestDeployment,
    private readonly ledger: BatchLedger,
    private readonly queue: RunQueue,
  ) {}

  /** Throws a refusal that names every machine that cannot be made, its cause and its remedy. */
  async execute(
    { username }: Actor,
    sent: SentBatch,
    idempotencyKey: string | undefined,
  ): Promise<BatchAccepted> {
    const { name } = sent.batch;
    const asking: Asking = {
      ...{ kind: 'deploy-vm', requestedBy: username, asked: sent.batch, idempotencyKey },
    };
    const idempotency = idempotencyOf(asking);
    const earlier = idempotency && (await this.ledger.earlier(username, idempotency));
    const recorded =
      earlier ??
      (await this.ledger.record({
        ...{ name, requestedBy: username, members: await this.membersOf(sent, asking) },
        ...(idempotency && { idempotency }),
      }));
    if (recorded.outcome === 'created') {
      this.tellWorkers(recorded.runs);
    }
    return accepted(recorded, sent);
  }

  private async membersOf({ batch, nameOf }: SentBatch, asking: Asking): Promise<BatchMember[]> {
    const resolve = this.resolver(asking.requestedBy);
    const refusals: NamedRefusal[] = [];
    const members: BatchMember[] = [];
    const extra = batch.machines.flatMap(extraAddressesOf);
    const looking = batch.machines.map((request) =>
      resolve(request, batch.machines).catch(refusalIn),
    );
    for (const [place, result] of (await Promise.all(looking)).entries()) {
      if (result instanceof Refusal) {
        refusals.push({ name: nameOf(place), refusal: result });
      } else {
        members.push(memberFrom(result, asking, extra));
      }
    }
    if (refusals.length > 0) {
      throw together(refusals);
    }
    return members;
  }

  /** Machines that differ in name and address only are looked up once. */
  private resolver(requestedBy: string) {
    const known = new Map<string, Promise<ResolvedRequest>>();
    return async (
      request: DeploymentRequest,
      all: readonly DeploymentRequest[],
    ): Promise<ResolvedRequest> => {
      refuseSharedAddresses(request, all);
      const { hostname, network } = request;
      const key = JSON.stringify({
        ...request,
        hostname: '',
        network: { ...network, address: network.address === undefined ? null : '' },
      });
      const resolving = known.get(key) ?? this.requestDeployment.resolve(request, requestedBy);
      known.set(key, resolving);
      const { machine, profile } = await resolving;
      const { vcenterId } = machine;
      refuseNameFor(guestOf(machine), hostname);
      const own = networkOf(network, profile && { profile, vcenterId });
      const asked = profile && { askedNetwork: network };
      return {
        machine: { ...machine, ...asked, hostname, network: networkFor(guestOf(machine), own) },
        profile,
      };
    };
  }

  private tellWorkers(runs: readonly Parameters<RunQueue['add']>[0][]): void {
    // Not waited for: the sweeper finds every run that the queue has lost.
    Promise.all(runs.map((run) => this.queue.add(run))).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'The queue did not take the runs of a batch');
    });
  }
}

function memberFrom(
  resolved: ResolvedRequest,
  asking: Asking,
  extraOfAll: readonly string[],
): BatchMember {
  const { machine } = resolved;
  // The key is the batch's.
  const { idempotencyKey: _key, ...each } = asking;
  return {
    hostname: machine.hostname,
    address: addressOf(resolved, extraOfAll),
    extraAddresses: extraAddressesOf(machine),
    runWith: (address) => newRunOf(runFor(each, machine, address)),
  };
}

function accepted(recorded: BatchRecorded, { nameOf }: SentBatch): BatchAccepted {
  if (recorded.outcome === 'key-reused') {
    throw new Refusal({
      code: 'idempotency-key-reused',
      detail: `This Idempotency-Key was sent with another batch before: ${recorded.id}.`,
      remedy: 'Send a new key with a new request.',
    });
  }
  if (recorded.outcome === 'refused') {
    throw together(
      recorded.conflicts.map((conflict) => ({
        name: nameOf(conflict.place),
        refusal:
          conflict.what === 'no-free-address'
            ? noFreeAddress()
            : taken(conflict.what, conflict.value, conflict.by),
      })),
    );
  }
  const { id, runs } = recorded;
  return {
    id,
    link: `${API_PREFIX}/${ROUTES.batches}/${id}`,
    runs: runs.map((run) => ({ id: run.id, status: run.status, links: linksOf(run.id) })),
  };
}

interface NamedRefusal {
  readonly name: string;
  readonly refusal: Refusal;
}

/** One refusal of all that is wrong with machines of a batch, each under its name. */
function together(refusals: readonly NamedRefusal[]): Refusal {
  const errors = refusals.flatMap(({ name, refusal: { facts } }): FieldProblem[] =>
    (facts.errors ?? [{ path: '', message: facts.detail }]).map(({ path, message }) => ({
      path: path ? `${name}.${path}` : name,
      message,
    })),
  );
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Refusal({
    code: refusals[0]?.refusal.facts.code ?? 'invalid-request',
    detail: `Nothing was created. ${first?.path}: ${first?.message}${more}`,
    remedy: 'Correct the machines named in errors and send the batch again.',
    errors,
  });
}

/** Keeps an expected refusal as a result; everything else is a bug and passes through. */
function refusalIn(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  throw error;
}
