import { randomUUID } from 'node:crypto';
import { type Holder, type RunKind, WORKABLE_STATUSES } from '@diaken/contracts';
import type { StepPlan } from '@diaken/pipeline';
import type { DataSource, EntityManager } from 'typeorm';
import { RunEntity } from '../entities/run.entity';
import { holderOf } from '../machines/reservations';
import { appendEvent } from './events';
import { rowsOf } from './transaction';

/** Makes a request that is sent twice one run. */
export interface Idempotency {
  readonly key: string;
  readonly requestHash: string;
}

/** A run that somebody asks for. */
export interface NewRun {
  readonly kind: RunKind;
  readonly target: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly requestedBy: string;
  readonly plan: readonly StepPlan[];
  readonly idempotency?: Idempotency;
  /** Names and addresses that nobody else may have from now on. */
  readonly reserve?: { readonly hostname: string; readonly address: string };
}

/** What became of a request for a run. */
export type Recorded =
  | { readonly outcome: 'created' | 'repeated'; readonly run: DueRunRow }
  | { readonly outcome: 'key-reused'; readonly runId: string }
  | { readonly outcome: 'taken'; readonly what: 'hostname' | 'address'; readonly by: Holder };

/** What the queue has to know of a run. */
export interface DueRunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunEntity['status'];
  readonly leaseToken: number;
}

/** Thrown inside the transaction to undo it. */
class AlreadyTaken extends Error {
  constructor(
    readonly what: 'hostname' | 'address',
    readonly value: string,
  ) {
    super(`${what} ${value} is taken`);
  }
}

/** Writes down what is asked for, before anything is done about it. */
export class RunLedger {
  constructor(private readonly database: DataSource) {}

  /** Records a run with its steps and reservations in one transaction. */
  async record(asked: NewRun): Promise<Recorded> {
    const id = randomUUID();
    try {
      return await this.database.transaction(async (manager) => {
        const isNew = await insertRun(manager, id, asked);
        if (!isNew) {
          return await repeated(manager, asked);
        }
        await insertSteps(manager, id, asked.plan);
        await reserve(manager, id, asked.reserve);
        await appendEvent(manager, id, 'run.status', { status: 'pending' });
        return {
          outcome: 'created',
          run: { id, kind: asked.kind, status: 'pending', leaseToken: 0 },
        };
      });
    } catch (error) {
      if (error instanceof AlreadyTaken) {
        return this.takenBy(error, asked);
      }
      throw error;
    }
  }

  /** What became of an earlier request with this key; undefined when there was none. */
  earlier(requestedBy: string, idempotency: Idempotency): Promise<Recorded | undefined> {
    return earlier(this.database.manager, requestedBy, idempotency);
  }

  /** What the queue has to know of a run. Throws when there is no such run. */
  async find(id: string): Promise<DueRunRow> {
    const run = await this.database.manager.findOneByOrFail(RunEntity, { id });
    return { id, kind: run.kind, status: run.status, leaseToken: run.leaseToken };
  }

  /** Runs that have something to do but nobody who does it; oldest first. */
  async due(waitingLongerThanMs: number, limit: number): Promise<readonly DueRunRow[]> {
    return rowsOf<DueRunRow>(
      this.database,
      `SELECT id, kind, status, lease_token AS "leaseToken" FROM run
       WHERE status = ANY($1) AND due_at <= now() - $2 * interval '1 millisecond'
         AND (lease_until IS NULL OR lease_until < now())
       ORDER BY due_at LIMIT $3`,
      [WORKABLE_STATUSES, waitingLongerThanMs, limit],
    );
  }

  private async takenBy({ what, value }: AlreadyTaken, asked: NewRun): Promise<Recorded> {
    const by = await holderOf(this.database.manager, what, value);
    // Given back in the meantime: ask again.
    return by ? { outcome: 'taken', what, by } : this.record(asked);
  }
}

async function insertRun(manager: EntityManager, id: string, asked: NewRun): Promise<boolean> {
  const rows = await rowsOf(
    manager,
    `INSERT INTO run (id, kind, status, target, request, requested_by, idempotency_key, request_hash)
     VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7)
     ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING id`,
    [
      ...[id, asked.kind, asked.target, asked.request, asked.requestedBy],
      ...[asked.idempotency?.key ?? null, asked.idempotency?.requestHash ?? null],
    ],
  );
  return rows.length > 0;
}

async function repeated(
  manager: EntityManager,
  { requestedBy, idempotency }: NewRun,
): Promise<Recorded> {
  const recorded = idempotency && (await earlier(manager, requestedBy, idempotency));
  if (!recorded) {
    throw new Error('A run kept another from being inserted, and is not there');
  }
  return recorded;
}

async function earlier(
  manager: EntityManager,
  requestedBy: string,
  { key, requestHash }: Idempotency,
): Promise<Recorded | undefined> {
  const run = await manager.findOneBy(RunEntity, { requestedBy, idempotencyKey: key });
  if (!run) {
    return undefined;
  }
  const { id, kind, status, leaseToken } = run;
  return run.requestHash === requestHash
    ? { outcome: 'repeated', run: { id, kind, status, leaseToken } }
    : { outcome: 'key-reused', runId: id };
}

async function insertSteps(
  manager: EntityManager,
  id: string,
  plan: readonly StepPlan[],
): Promise<void> {
  await manager.query(
    `INSERT INTO run_step (run_id, position, name, title, weight)
     SELECT $1, position, name, title, weight
     FROM unnest($2::text[], $3::text[], $4::real[]) WITH ORDINALITY AS s (name, title, weight, position)`,
    [
      id,
      plan.map(({ name }) => name),
      plan.map(({ title }) => title),
      plan.map(({ weight }) => weight),
    ],
  );
}

async function reserve(manager: EntityManager, id: string, wish: NewRun['reserve']): Promise<void> {
  if (!wish) {
    return;
  }
  // Always in this order, so that two requests never wait for each other.
  for (const kind of ['address', 'hostname'] as const) {
    const rows = await rowsOf(
      manager,
      `INSERT INTO reservation (kind, value, run_id) VALUES ($1, $2, $3)
       ON CONFLICT (kind, value) DO NOTHING RETURNING kind`,
      [kind, wish[kind], id],
    );
    if (rows.length === 0) {
      throw new AlreadyTaken(kind, wish[kind]);
    }
  }
}
