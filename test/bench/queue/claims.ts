import { RunClaims } from '@diaken/persistence';
import type { DataSource } from 'typeorm';
import { type Spread, spreadOf } from '../measure/spread';
import { ORDINARY, UNURGENT } from './asked-runs';
import type { QueueBench } from './queue-bench';

/** Nothing is in the way of a run below this. */
const ROOM = 10_000;
const HOUR_MS = 3_600_000;

/** How long workers wait for an answer of the queue, by what is in the way. */
export interface ClaimFigures {
  /** The first run is given at once. */
  readonly free: Spread;
  /** Nine tenths of the queue, all of them before the rest, wait for a vCenter that is full. */
  readonly blocked: Spread;
  /** Nothing is given: the worker has no room. */
  readonly noRoom: Spread;
  /** Nothing is given: maintenance. */
  readonly maintenance: Spread;
  /** Whether runs were given by priority, then by age. */
  readonly inOrder: boolean;
  /** The same among those that were not blocked. */
  readonly blockedInOrder: boolean;
}

/** Claims of one worker, one after the other. Afterwards all runs wait as before. */
export async function measureClaims(
  bench: QueueBench,
  { free, others }: { readonly free: number; readonly others: number },
): Promise<ClaimFigures> {
  const { database, overview } = bench;
  const claims = new RunClaims(database, { worker: 'bench', leaseMs: HOUR_MS });
  await limit(bench, { ordinary: ROOM, unurgent: ROOM });
  const given = await claim(claims, free);
  const inOrder = isStart(given.ids, await inTheOrderOfTheQueue(database, ORDINARY, UNURGENT));
  await giveBack(database);

  await limit(bench, { ordinary: 0, unurgent: ROOM });
  const last = await claim(claims, others);
  const blockedInOrder = isStart(last.ids, await inTheOrderOfTheQueue(database, UNURGENT));
  await giveBack(database);

  const noRoom = await claim(claims, others, false);
  await limit(bench, { ordinary: ROOM, unurgent: ROOM });
  await overview.startMaintenance('bench', undefined);
  const maintenance = await claim(claims, others);
  await overview.endMaintenance();
  return {
    ...{ free: spreadOf(given.times), blocked: spreadOf(last.times) },
    ...{ noRoom: spreadOf(noRoom.times), maintenance: spreadOf(maintenance.times) },
    ...{ inOrder, blockedInOrder },
  };
}

async function limit(
  { overview }: QueueBench,
  { ordinary, unurgent }: { readonly ordinary: number; readonly unurgent: number },
): Promise<void> {
  await overview.setLimit(ORDINARY, ordinary);
  await overview.setLimit(UNURGENT, unurgent);
}

async function claim(claims: RunClaims, count: number, hasRoom = true) {
  const ids: string[] = [];
  const times: number[] = [];
  for (let number = 0; number < count; number++) {
    const start = performance.now();
    const lease = await claims.next({ kinds: ['deploy-vm'], hasRoom });
    times.push(performance.now() - start);
    ids.push(...(lease ? [lease.runId] : []));
  }
  return { ids, times };
}

/** Ids of all waiting runs with one of these limits, by priority and age; the query is none of the product's. */
async function inTheOrderOfTheQueue(
  database: DataSource,
  ...limits: readonly string[]
): Promise<readonly string[]> {
  const rows: readonly { id: string }[] = await database.query(
    `SELECT id FROM run WHERE status = 'pending' AND limits && $1::text[]
     ORDER BY priority DESC, created_at, due_at`,
    [limits],
  );
  return rows.map(({ id }) => id);
}

function isStart(ids: readonly string[], all: readonly string[]): boolean {
  return ids.length > 0 && ids.every((id, index) => id === all[index]);
}

async function giveBack(database: DataSource): Promise<void> {
  await database.query(
    'UPDATE run SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL',
  );
}
