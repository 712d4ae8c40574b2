import { type SecretBox, UnreadableSecret } from '@diaken/runtime';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { placeOf, SEALED_COLUMNS, type SealedColumn } from './sealed-columns';

/** Secrets of one table under a key that is not configured. */
export interface MissingKey {
  readonly keyId: string;
  readonly table: string;
  readonly secrets: number;
}

interface KeyUse {
  readonly keyId: string;
  readonly secrets: number;
  /** Some of them: one alone could be damaged. */
  readonly ids: readonly string[];
  readonly sealed: readonly string[];
}

/** A configured key that is not the one that stored secrets were sealed with, though it has its id. */
export class WrongKey extends Error {
  override readonly name = 'WrongKey';
}

/** Where a start says what is not as it should be. */
export interface StartLog {
  error(facts: MissingKey & { readonly remedy: string }, message: string): void;
}

const REMEDY =
  'Put that key back into DIAKEN_ENCRYPTION_KEYS, behind the first, or store those secrets anew. Until then runs that need them fail with secret-unreadable.';

/**
 * Tries the configured keys on what is stored, and says which are missing. Throws `WrongKey` where going on would seal
 * with two keys of one id.
 */
export async function checkKeys(
  database: DataSource,
  box: SecretBox,
  log: StartLog,
): Promise<void> {
  for (const column of await columnsThere(database)) {
    for (const use of await keysIn(database, column)) {
      const { keyId, secrets } = use;
      if (!box.knows(keyId)) {
        const facts = { keyId, table: column.table, secrets, remedy: REMEDY };
        log.error(facts, 'Stored secrets are sealed with a key that is not configured');
      } else if (!opensAny(box, column, use)) {
        throw wrongKey(use, column);
      }
    }
  }
}

/** A worker may be newer than the tables: the API has not migrated them yet. */
async function columnsThere(database: DataSource): Promise<readonly SealedColumn[]> {
  const there = await rowsOf<SealedColumn>(
    database,
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema = current_schema()`,
    [],
  );
  return SEALED_COLUMNS.filter(({ table, column }) =>
    there.some((one) => one.table === table && one.column === column),
  );
}

function keysIn(database: DataSource, { table, column }: SealedColumn): Promise<readonly KeyUse[]> {
  return rowsOf<KeyUse>(
    database,
    `SELECT split_part(${column}, '.', 2) AS "keyId", count(*)::int AS secrets,
       (array_agg(id::text))[1:5] AS ids, (array_agg(${column}))[1:5] AS sealed
     FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    [],
  );
}

function opensAny(box: SecretBox, { table }: SealedColumn, { ids, sealed }: KeyUse): boolean {
  return ids.some((id, index) => {
    try {
      box.rewrap(sealed[index] ?? '', placeOf(table, id));
      return true;
    } catch (error) {
      if (error instanceof UnreadableSecret) {
        return false;
      }
      throw error;
    }
  });
}

function wrongKey({ keyId, secrets }: KeyUse, { table }: SealedColumn): WrongKey {
  return new WrongKey(
    `The key "${keyId}" in DIAKEN_ENCRYPTION_KEYS is not the one that ${secrets} stored secrets (${table}) were sealed with. ` +
      'Put the right key back. If it is lost, give the new key another id, start again, and store those secrets anew.',
  );
}
