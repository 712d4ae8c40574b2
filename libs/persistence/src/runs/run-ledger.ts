import { randomUUID } from 'node:crypto';
import { DEFAULT_PRIORITY, type Holder, type RunKind, type RunPolicy } from '@diaken/contracts';
import type { StepPlan } from '@diaken/pipeline';
import type { DatabaseError } from 'pg';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { RunEntity } from '../entities/run.entity';
import { holderOf } from '../machines/reservations';
import type { AddressPool } from '../networks/address-pool';
import { nextAddress } from '../networks/next-address';
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
  /** 0 to 9; 9 goes first. */
  readonly priority?: number;
  readonly policy?: RunPolicy;
  /** What it competes for with other runs, such as `vcenter:<id>`. */
  readonly limits?: readonly string[];
  /** The run that this one repeats. */
  readonly relaunchOf?: string;
  readonly idempotency?: Idempotency;
  /** Names and addresses that nobody else may have from now on. */
  readonly reserve?: Reserve;
}

/** What a run needs for itself alone. */
export interface Reserve {
  readonly hostname: string;
  /** null: a DHCP server gives it. */
  readonly address: string | null;
  /** Of the further network adapters. */
  readonly extraAddresses?: readonly string[];
}

/** What became of a request for a run. */
export type Recorded =
  | { readonly outcome: 'created' | 'repeated'; readonly run: DueRunRow }
  | { readonly outcome: 'key-reused'; readonly runId: string }
  | {
      readonly outcome: 'taken';
      readonly what: 'hostname' | 'address';
      readonly value: string;
      readonly by: Holder;
    }
  | { readonly outcome: 'no-free-address' };

/** What the queue has to know of a run. */
export interface DueRunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunEntity['status'];
  readonly leaseToken: number;
}

/** All that a new run consists of, in one statement: either all of it is there, or nothing. */
const RECORD = `
  WITH new_run AS (
    INSERT INTO run (id, kind, status, target, request, requested_by, idempotency_key, request_hash,
      priority, policy, limits, relaunch_of)
    VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $13, $14, $15, $16)
    ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING id
  ), steps AS (
    INSERT INTO run_step (run_id, position, name, title, weight)
    SELECT new_run.id, position, name, title, weight
    FROM new_run, unnest($8::text[], $9::text[], $10::real[])
      WITH ORDINALITY AS step (name, title, weight, position)
  ), reserved AS (
    INSERT INTO reservation (kind, value, run_id)
    SELECT kind, value, new_run.id
    FROM new_run, unnest($11::text[], $12::text[]) WITH ORDINALITY AS wish (kind, value, place)
    ORDER BY place
  ), event AS (
    INSERT INTO run_event (run_id, type, body)
    SELECT id, 'run.status', '{"status": "pending"}' FROM new_run
  )
  SELECT id FROM new_run`;

/** Writes down what is asked for, before anything is done about it. */
export class RunLedger {
  constructor(private readonly database: DataSource) {}

  /** Records a run with its steps and reservations. */
  async record(asked: NewRun): Promise<Recorded> {
    const { reserve } = asked;
    try {
      return await insertOrRepeat(this.database.manager, asked);
    } catch (error) {
      if (reserve && isTaken(error)) {
        return this.taken(asked, reserve);
      }
      throw error;
    }
  }

  /** Records a run with the next free address of a pool, both in one transaction. */
  async recordWithNextAddress(
    pool: AddressPool,
    askedWith: (address: string) => NewRun,
  ): Promise<Recorded> {
    for (;;) {
      let offered = '';
      const recorded = await this.recordOnce(pool, (address) => askedWith((offered = address)));
      // Somebody asked for that very address by name, or another network overlaps this one: the next one then.
      if (recorded.outcome !== 'taken' || recorded.value !== offered) {
        return recorded;
      }
    }
  }

  private async recordOnce(
    pool: AddressPool,
    askedWith: (address: string) => NewRun,
  ): Promise<Recorded> {
    let asked: NewRun | undefined;
    try {
      return await this.database.transaction(async (manager) => {
        const address = await nextAddress(manager, pool);
        if (address === undefined) {
          return { outcome: 'no-free-address' };
        }
        asked = askedWith(address);
        return insertOrRepeat(manager, asked);
      });
    } catch (error) {
      if (asked?.reserve && isTaken(error)) {
        return this.taken(asked, asked.reserve);
      }
      throw error;
    }
  }

  /** What became of an earlier request with this key; undefined when there was none. */
  earlier(requestedBy: string, idempotency: Idempotency): Promise<Recorded | undefined> {
    return earlier(this.database.manager, requestedBy, idempotency);
  }

  private async taken(asked: NewRun, reserve: Reserve): Promise<Recorded> {
    for (const { what, value } of wishesOf(reserve)) {
      const by = await holderOf(this.database.manager, what, value);
      if (by) {
        return { outcome: 'taken', what, value, by };
      }
    }
    // Given back in the meantime: ask again.
    return this.record(asked);
  }
}

/** Inserts all that a run consists of; undefined when its idempotency key has been used. */
export async function insertRun(
  manager: EntityManager,
  asked: NewRun,
): Promise<DueRunRow | undefined> {
  const id = randomUUID();
  const rows = await rowsOf(manager, RECORD, valuesOf(id, asked));
  return rows.length > 0 ? { id, kind: asked.kind, status: 'pending', leaseToken: 0 } : undefined;
}

async function insertOrRepeat(manager: EntityManager, asked: NewRun): Promise<Recorded> {
  const run = await insertRun(manager, asked);
  return run ? { outcome: 'created', run } : repeated(manager, asked);
}

/** What `RECORD` is given, `$1` to `$16`. */
function valuesOf(id: string, asked: NewRun): unknown[] {
  const { kind, target, request, requestedBy, idempotency, plan, reserve } = asked;
  const { priority = DEFAULT_PRIORITY, policy = {}, limits = [], relaunchOf = null } = asked;
  const wishes = reserve ? wishesOf(reserve) : [];
  return [
    ...[id, kind, target, request, requestedBy],
    ...[idempotency?.key ?? null, idempotency?.requestHash ?? null],
    ...[plan.map(({ name }) => name), plan.map(({ title }) => title)],
    plan.map(({ weight }) => weight),
    ...[wishes.map(({ what }) => what), wishes.map(({ value }) => value)],
    ...[priority, policy, limits, relaunchOf],
  ];
}

/** Always in this order, so that two requests never wait for each other. */
function wishesOf({ hostname, address, extraAddresses = [] }: Reserve) {
  const addresses = new Set([...(address === null ? [] : [address]), ...extraAddresses]);
  return [
    ...[...addresses].sort().map((value) => ({ what: 'address' as const, value })),
    { what: 'hostname' as const, value: hostname },
  ];
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

/** Whether PostgreSQL refused a reservation because somebody else has it (unique_violation). */
function isTaken(error: unknown): boolean {
  const refusal = refusalIn(error);
  return refusal?.code === '23505' && refusal.constraint === 'reservation_pkey';
}

/** Whether somebody was quicker with a reservation, or two waited for each other's (deadlock_detected). */
export function isRaceLost(error: unknown): boolean {
  return isTaken(error) || refusalIn(error)?.code === '40P01';
}

function refusalIn(error: unknown): Partial<DatabaseError> | undefined {
  return error instanceof QueryFailedError ? error.driverError : undefined;
}
