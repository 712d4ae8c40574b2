import { randomUUID } from 'node:crypto';
import type { Holder } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { BatchEntity } from '../entities/batch.entity';
import { holderOf } from '../machines/reservations';
import type { AddressPool } from '../networks/address-pool';
import {
  type DueRunRow,
  type Idempotency,
  insertRun,
  isRaceLost,
  type NewRun,
} from '../runs/run-ledger';
import { rowsOf } from '../runs/transaction';
import { giveAddresses } from './give-addresses';

/** One machine of a batch. */
export interface BatchMember {
  readonly hostname: string;
  /** The address that it asks for; a pool: the next free one; null: a DHCP server gives it. */
  readonly address: string | AddressPool | null;
  /** Addresses that it asks for besides the first. */
  readonly extraAddresses: readonly string[];
  readonly runWith: (address: string | null) => NewRun;
}

/** Machines that somebody asks for together. */
export interface NewBatch {
  readonly name: string;
  readonly requestedBy: string;
  readonly idempotency?: Idempotency;
  readonly members: readonly BatchMember[];
}

/** Why a machine keeps its batch from being made. `place` counts from 0. */
export type BatchConflict = { readonly place: number } & (
  | { readonly what: 'hostname' | 'address'; readonly value: string; readonly by: Holder }
  | { readonly what: 'no-free-address' }
);

/** What became of a request for a batch. */
export type BatchRecorded =
  | {
      readonly outcome: 'created' | 'repeated';
      readonly id: string;
      readonly runs: readonly DueRunRow[];
    }
  | { readonly outcome: 'key-reused'; readonly id: string }
  | { readonly outcome: 'refused'; readonly conflicts: readonly BatchConflict[] };

/** Writes down all runs of a batch in one transaction, or none. */
export class BatchLedger {
  constructor(private readonly database: DataSource) {}

  async record(asked: NewBatch): Promise<BatchRecorded> {
    for (;;) {
      try {
        return await this.database.transaction((manager) => recordIn(manager, asked));
      } catch (error) {
        if (error instanceof Refused) {
          return { outcome: 'refused', conflicts: error.conflicts };
        }
        // Somebody was quicker with a name or an address: now it can be seen who.
        if (!isRaceLost(error)) {
          throw error;
        }
      }
    }
  }

  /** What became of an earlier request with this key; undefined when there was none. */
  earlier(requestedBy: string, idempotency: Idempotency): Promise<BatchRecorded | undefined> {
    return earlier(this.database.manager, requestedBy, idempotency);
  }
}

/** Ends the transaction of a batch that cannot be made. */
class Refused extends Error {
  constructor(readonly conflicts: readonly BatchConflict[]) {
    super('A batch is refused');
  }
}

const INSERT = `
  INSERT INTO batch (id, name, requested_by, idempotency_key, request_hash) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING id`;

const JOIN = `
  UPDATE run SET batch_id = $1, batch_place = member.place
  FROM unnest($2::uuid[]) WITH ORDINALITY AS member (id, place) WHERE run.id = member.id`;

async function recordIn(manager: EntityManager, asked: NewBatch): Promise<BatchRecorded> {
  const { name, requestedBy, idempotency, members } = asked;
  const id = randomUUID();
  const key = [idempotency?.key ?? null, idempotency?.requestHash ?? null];
  const made = await rowsOf(manager, INSERT, [id, name, requestedBy, ...key]);
  if (made.length === 0) {
    return repeated(manager, asked);
  }
  const addresses = await giveAddresses(manager, members);
  const conflicts = [...(await taken(manager, members)), ...withoutAddress(addresses)];
  if (conflicts.length > 0) {
    throw new Refused(conflicts);
  }
  const runs: DueRunRow[] = [];
  for (const [place, { runWith }] of members.entries()) {
    const run = await insertRun(manager, runWith(addresses[place] ?? null));
    runs.push(...(run ? [run] : []));
  }
  await manager.query(JOIN, [id, runs.map((run) => run.id)]);
  return { outcome: 'created', id, runs };
}

async function repeated(
  manager: EntityManager,
  { requestedBy, idempotency }: NewBatch,
): Promise<BatchRecorded> {
  const recorded = idempotency && (await earlier(manager, requestedBy, idempotency));
  if (!recorded) {
    throw new Error('A batch kept another from being inserted, and is not there');
  }
  return recorded;
}

function withoutAddress(addresses: readonly (string | null | undefined)[]): BatchConflict[] {
  return addresses.flatMap((address, place) =>
    address === undefined ? [{ place, what: 'no-free-address' as const }] : [],
  );
}

/** The names and addresses asked for that somebody has. */
async function taken(
  manager: EntityManager,
  members: readonly BatchMember[],
): Promise<BatchConflict[]> {
  const wishes = members.flatMap(({ hostname, address, extraAddresses }, place) => [
    { place, what: 'hostname' as const, value: hostname },
    ...[typeof address === 'string' ? address : [], extraAddresses]
      .flat()
      .map((value) => ({ place, what: 'address' as const, value })),
  ]);
  const held = await rowsOf<{ kind: string; value: string }>(
    manager,
    `SELECT kind, value FROM reservation
     WHERE (kind, value) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [wishes.map(({ what }) => what), wishes.map(({ value }) => value)],
  );
  const isHeld = new Set(held.map(({ kind, value }) => `${kind} ${value}`));
  const conflicts: BatchConflict[] = [];
  for (const wish of wishes.filter(({ what, value }) => isHeld.has(`${what} ${value}`))) {
    const by = await holderOf(manager, wish.what, wish.value);
    if (by) {
      conflicts.push({ ...wish, by });
    }
  }
  return conflicts;
}

async function earlier(
  manager: EntityManager,
  requestedBy: string,
  { key, requestHash }: Idempotency,
): Promise<BatchRecorded | undefined> {
  const batch = await manager.findOneBy(BatchEntity, { requestedBy, idempotencyKey: key });
  if (!batch) {
    return undefined;
  }
  if (batch.requestHash !== requestHash) {
    return { outcome: 'key-reused', id: batch.id };
  }
  const runs = await rowsOf<DueRunRow>(
    manager,
    `SELECT id, kind, status, lease_token AS "leaseToken" FROM run WHERE batch_id = $1
     ORDER BY batch_place`,
    [batch.id],
  );
  return { outcome: 'repeated', id: batch.id, runs };
}
