import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedError, systemCode } from './embedded-error';
import type { EmbeddedServer } from './embedded-server';
import { withFolderLock } from './folder-lock';
import { PostgresServer } from './postgres/postgres-server';
import { RedisServer } from './redis/redis-server';
import { RegisteredUsers } from './registered-users';
import { runServer, stopUnused } from './run-server';

/** Where the embedded servers come from and where they keep their data. */
export interface EmbeddedOptions {
  /** Workspace whose packages hold the PostgreSQL programs. */
  readonly root: string;
  /** Data in `postgres` and `redis` below it; made when missing. */
  readonly dataFolder: string;
  /** Default true; false never waits for the disk (no fsync): for tests. */
  readonly durable?: boolean;
  /** Default: a free port, kept over restarts while it stays free. */
  readonly postgresPort?: number;
  /** Default: a free port, kept over restarts while it stays free. */
  readonly redisPort?: number;
  /** Default: both. */
  readonly need?: { readonly postgres: boolean; readonly redis: boolean };
}

/** The servers of one data folder, in use until `stop` is called. */
export interface EmbeddedServices {
  /** With user and password; empty when PostgreSQL was not needed. */
  readonly databaseUrl: string;
  /** With password; empty when Redis was not needed. */
  readonly redisUrl: string;
  /** Leaves the servers, and ends those that no other process uses. Later calls do nothing. */
  stop(): Promise<void>;
}

interface WantedServer {
  readonly server: EmbeddedServer;
  readonly port: number | undefined;
}

/**
 * Starts PostgreSQL and Redis of a data folder, or joins the ones that another process started.
 * Throws EmbeddedError with cause and remedy.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServices> {
  if (process.platform !== 'linux') throw notOnThisPlatform();
  const dataFolder = await makeFolder(options.dataFolder);
  const users = new RegisteredUsers(dataFolder);
  const wanted = wantedServers(options, dataFolder);
  const servers = wanted.map(({ server }) => server);
  const leave = (entry: string) => stopUnused(servers, users, entry);

  return withFolderLock(dataFolder, async () => {
    const entry = await users.add(servers.map(({ name }) => name));
    const durable = options.durable ?? true;
    const starts = await Promise.allSettled(
      wanted.map(({ server, port }) => runServer(server, users, { entry, durable, port })),
    );
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) {
      await leave(entry).catch(() => undefined); // the first failure is the one to tell
      throw failed.reason;
    }
    const urls = starts.map((start) => (start.status === 'fulfilled' ? start.value : ''));
    const urlOf = (name: string) => urls[servers.findIndex((server) => server.name === name)] ?? '';
    let left: Promise<void> | undefined;
    return {
      databaseUrl: urlOf('postgres'),
      redisUrl: urlOf('redis'),
      stop: () => (left ??= withFolderLock(dataFolder, () => leave(entry))),
    };
  });
}

function wantedServers(options: EmbeddedOptions, dataFolder: string): readonly WantedServer[] {
  const need = options.need ?? { postgres: true, redis: true };
  const postgres = new PostgresServer(resolve(options.root), join(dataFolder, 'postgres'));
  const redis = new RedisServer(join(dataFolder, 'redis'));
  return [
    ...(need.postgres ? [{ server: postgres, port: options.postgresPort }] : []),
    ...(need.redis ? [{ server: redis, port: options.redisPort }] : []),
  ];
}

/** One name for a folder, however the callers spell it. */
async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(folder);
  } catch (error) {
    const reason = systemCode(error) ?? 'an error';
    throw new EmbeddedError(
      'data-folder',
      `The data folder ${resolve(folder)} cannot be used (${reason}). Set DIAKEN_DATA_FOLDER to ` +
        'a folder where this user may write.',
      error,
    );
  }
}

function notOnThisPlatform(): EmbeddedError {
  return new EmbeddedError(
    'platform',
    `The embedded servers need Linux, this is ${process.platform}. Set DATABASE_URL and REDIS_URL ` +
      'to running servers.',
  );
}
