import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseOptions, migrate, MIGRATIONS } from '@diaken/persistence';
import { type EmbeddedServices, startEmbedded } from '@diaken/embedded';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, withDatabase } from '../support/own-api';
import { ROOT } from '../support/system';

const NAMES = MIGRATIONS.map(({ name }) => name);

let folder: string;
let embedded: EmbeddedServices;
beforeAll(async () => {
  const parent = join(ROOT, '.data', 'test');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'migrations-'));
  const need = { postgres: true, redis: false };
  embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: false, need });
});
afterAll(async () => {
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

const emptyDatabase = () => createDatabase(embedded, 'migrations');

const tablesIn = (databaseUrl: string) =>
  withDatabase(databaseUrl, async (database) => {
    const { rows } = await database.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
    );
    return rows.map(({ tablename }) => String(tablename));
  });

/** Columns, constraints and indexes, in words that two databases can be compared by. */
const schemaOf = (databaseUrl: string) =>
  withDatabase(databaseUrl, async (database) => {
    const { rows } = await database.query(
      `SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS part
       FROM information_schema.columns WHERE table_schema = 'public'
       UNION SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace
       UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY part`,
    );
    return rows.map(({ part }) => String(part));
  });

async function withSource<T>(databaseUrl: string, work: (source: DataSource) => Promise<T>) {
  const source = await new DataSource(databaseOptions(databaseUrl, 2)).initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

describe('the migrations', () => {
  it('lead up on an empty database, and do nothing the second time', async () => {
    const url = await emptyDatabase();
    expect(await migrate(url)).toEqual(NAMES);
    expect(await migrate(url)).toEqual([]);
    const tables = await tablesIn(url);
    await withSource(url, async (source) => {
      const described = source.entityMetadatas.map((entity) => entity.tableName);
      expect(described).toContain('run');
      expect(tables).toEqual(expect.arrayContaining(described));
    });
  });

  it('lead back down to nothing, one by one, and up again to the same', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const before = await schemaOf(url);
    expect(before.length).toBeGreaterThan(100);
    await withSource(url, async (source) => {
      for (let left = MIGRATIONS.length; left > 0; left--) {
        await source.undoLastMigration({ transaction: 'each' });
      }
    });
    expect(await tablesIn(url)).toEqual(['migrations']);
    expect(await migrate(url)).toEqual(NAMES);
    expect(await schemaOf(url)).toEqual(before);
  });

  it('run once when several processes start together', async () => {
    const url = await emptyDatabase();
    const codes = await Promise.all([1, 2, 3].map(() => migrateInAnotherProcess(url)));
    expect(codes).toEqual([0, 0, 0]);
    const applied = await withDatabase(url, (database) =>
      database.query('SELECT name FROM migrations ORDER BY id'),
    );
    expect(applied.rows.map(({ name }) => name)).toEqual(NAMES);
  });

  it('leave a database as it was when one of them fails', async () => {
    const url = await emptyDatabase();
    await withDatabase(url, (database) => database.query('CREATE TABLE reservation (mine text)'));
    await expect(migrate(url)).rejects.toThrow('"reservation" already exists');
    expect(await tablesIn(url)).toEqual(['migrations', 'reservation']);
    await withDatabase(url, (database) => database.query('DROP TABLE reservation'));
    expect(await migrate(url)).toEqual(NAMES);
  });

  it('make the tables that the entities describe', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const changes = await withSource(url, async (source) => {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      return upQueries.map(({ query }) => query);
    });
    expect(changes.filter((change) => !isTheDatabasesOwn(change))).toEqual([]);
  });
});

/** Programs the API's `migrate` command. */
async function migrateInAnotherProcess(url: string): Promise<number> {
  const program = join(ROOT, 'dist/apps/api/main.js');
  const child = spawn(process.execPath, [program, 'migrate'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      REDIS_URL: 'redis://127.0.0.1:1',
      DIAKEN_ENCRYPTION_KEYS: `test:${Buffer.alloc(32).toString('base64')}`,
    },
  });
  const [code] = await once(child, 'exit');
  return Number(code);
}

/**
 * Entities name columns and their types. Keys, uniqueness, indexes and defaults stand in the migrations alone:
 * an entity that repeated them would be a second truth.
 */
function isTheDatabasesOwn(change: string): boolean {
  return /^(DROP INDEX|ALTER TABLE "\w+" (DROP CONSTRAINT|ALTER COLUMN "\w+" DROP DEFAULT))/.test(
    change,
  );
}
