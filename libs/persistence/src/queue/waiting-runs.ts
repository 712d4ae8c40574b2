import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_FREE } from '../runs/workable';

/** Runs before it that are counted at most: who is further back need not know exactly. */
const COUNTED = 1_000;

/** Place of a pending run in the queue, from 1 on, counting those that compete with it for the same workers. */
export async function placeInQueue(database: DataSource, runId: string): Promise<number> {
  const [before] = await rowsOf<{ runs: number }>(
    database,
    `SELECT count(*)::int AS runs FROM (
       SELECT FROM run, (SELECT priority AS p, due_at AS d, id AS i, kind AS k FROM run WHERE id = $1) AS mine
       WHERE status = 'pending' AND ${IS_FREE} AND kind = k AND due_at <= now()
         AND priority >= p AND (priority > p OR (due_at, id) < (d, i))
       LIMIT ${COUNTED}
     ) AS ahead`,
    [runId],
  );
  return (before?.runs ?? 0) + 1;
}
