import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_WORKABLE } from '../runs/workable';

/** The most runs that are named. */
const MOST_NAMED = 5;

/** Runs that go on, or wait, and are to play one of these playbooks: the first of them. */
export function runsThatPlay(
  database: DataSource,
  playbookIds: readonly string[],
): Promise<readonly { readonly id: string; readonly target: string }[]> {
  return rowsOf(
    database,
    `SELECT id, target FROM run
     WHERE ${IS_WORKABLE} AND request->'playbookIds' ?| $1 ORDER BY created_at LIMIT ${MOST_NAMED}`,
    [playbookIds],
  );
}
