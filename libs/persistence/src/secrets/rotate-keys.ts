import { type SecretBox, UnreadableSecret } from '@diaken/runtime';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { placeOf, SEALED_COLUMNS, type SealedColumn } from './sealed-columns';

/** Rows that are read, and written, at once. */
const BATCH = 500;

/** What a rotation has done. */
export interface Rotation {
  /** Secrets that are under the first key now and were not before. */
  readonly rewrapped: number;
  /** Those that no key opens: table, id, and why. */
  readonly unreadable: readonly string[];
}

interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

/**
 * Puts every stored secret under the first key. Servers may run meanwhile: a row that one of them writes in between is
 * left as it wrote it. Whatever ends it, the next call goes on where it was.
 */
export async function rotateKeys(database: DataSource, box: SecretBox): Promise<Rotation> {
  let rewrapped = 0;
  const unreadable: string[] = [];
  for (const column of SEALED_COLUMNS) {
    let rows = await nextRows(database, column, box.prefix, NIL);
    while (rows.length > 0) {
      const opened = rows.flatMap((row) => rewrappedRow(box, column, row, unreadable));
      rewrapped += await replace(database, column, opened);
      rows = await nextRows(database, column, box.prefix, rows.at(-1)?.id ?? NIL);
    }
  }
  return { rewrapped, unreadable };
}

/** Before all ids. */
const NIL = '00000000-0000-0000-0000-000000000000';

function nextRows(
  database: DataSource,
  { table, column }: SealedColumn,
  prefix: string,
  after: string,
): Promise<readonly SealedRow[]> {
  return rowsOf<SealedRow>(
    database,
    `SELECT id, ${column} AS sealed FROM ${table}
     WHERE id > $1 AND NOT starts_with(${column}, $2) ORDER BY id LIMIT ${BATCH}`,
    [after, prefix],
  );
}

function rewrappedRow(
  box: SecretBox,
  { table }: SealedColumn,
  { id, sealed }: SealedRow,
  unreadable: string[],
): (SealedRow & { readonly now: string })[] {
  try {
    return [{ id, sealed, now: box.rewrap(sealed, placeOf(table, id)) }];
  } catch (error) {
    if (!(error instanceof UnreadableSecret)) {
      throw error;
    }
    unreadable.push(`${table} ${id}: ${error.message}`);
    return [];
  }
}

/** Answers how many rows were still as they had been read. */
async function replace(
  database: DataSource,
  { table, column }: SealedColumn,
  rows: readonly (SealedRow & { readonly now: string })[],
): Promise<number> {
  const replaced = await rowsOf(
    database,
    `UPDATE ${table} SET ${column} = read.now
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS read (id, sealed, now)
     WHERE ${table}.id = read.id AND ${table}.${column} = read.sealed RETURNING ${table}.id`,
    [rows.map(({ id }) => id), rows.map(({ sealed }) => sealed), rows.map(({ now }) => now)],
  );
  return replaced.length;
}
