import type { RunKind } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_FREE } from '../runs/workable';

/** Runs whose places are told exactly: who is further back need not know. */
const COUNTED = 1_000;

/** The place of a run that waits, from 1 on. */
export type Places = (runId: string) => number;

/** Reads the places of the first runs that wait for workers of this kind; the others are told the place after those. */
export async function readPlaces(database: DataSource, kind: RunKind): Promise<Places> {
  const rows = await rowsOf<{ id: string }>(
    database,
    `SELECT id FROM run WHERE status = 'pending' AND ${IS_FREE} AND kind = $1 AND due_at <= now()
     ORDER BY (status = 'pending'), priority DESC, due_at, id LIMIT ${COUNTED}`,
    [kind],
  );
  const places = new Map(rows.map(({ id }, index) => [id, index + 1]));
  return (runId) => places.get(runId) ?? places.size + 1;
}
