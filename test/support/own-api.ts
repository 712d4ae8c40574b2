import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { API_PREFIX } from '@diaken/contracts';
import { Client } from 'pg';
import { RawApi } from './raw-api';
import type { SharedSystem } from './shared-system';
import { ADMIN, freePort, ROOT } from './system';

/** A Redis database that no worker looks at: what an API of its own accepts stays pending. */
const REDIS_DATABASE = 9;
/** How long an API may take until it is ready, ms. */
const READY_TIMEOUT_MS = 60_000;

/** An API process that only its test knows. */
export interface ApiProcess {
  readonly url: string;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  stop(): Promise<void>;
}

/** The servers of the shared system that an API process may use. */
export type Servers = Pick<SharedSystem, 'databaseUrl' | 'redisUrl'>;

/** Makes an empty database next to the shared one; answers its address. */
export async function createDatabase({ databaseUrl }: Servers, name: string): Promise<string> {
  const database = `test_${name}_${randomBytes(4).toString('hex')}`;
  await withDatabase(databaseUrl, (client) => client.query(`CREATE DATABASE ${database}`));
  return elsewhere(databaseUrl, database);
}

/** The same server, another database. */
function elsewhere(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Does something with a connection of its own. */
export async function withDatabase<T>(
  databaseUrl: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Everything that a database holds, as text. */
export async function databaseText(databaseUrl: string): Promise<string> {
  return withDatabase(databaseUrl, async (database) => {
    const tables = await database.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
    );
    const texts: string[] = [];
    for (const { tablename } of tables.rows) {
      const { rows } = await database.query(`SELECT t::text AS row FROM "${tablename}" t`);
      texts.push(...rows.map(({ row }) => String(row)));
    }
    return texts.join('\n');
  });
}

/** Starts an API process and waits until it is ready. */
export async function startApi(
  { databaseUrl, redisUrl }: Servers,
  variables: NodeJS.ProcessEnv = {},
): Promise<ApiProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/api/main.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      REDIS_URL: elsewhere(redisUrl, String(REDIS_DATABASE)),
      DIAKEN_API_PORT: String(port),
      DIAKEN_ENCRYPTION_KEYS: `own:${randomBytes(32).toString('base64')}`,
      DIAKEN_WEB_FOLDER: join(ROOT, 'dist/apps/web/browser'),
      ...variables,
    },
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => void (printed.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => void (printed.stderr += chunk.toString('utf8')));
  const stop = () => end(child);
  try {
    await ready(child, `${url}${API_PREFIX}/health/ready`);
  } catch (error) {
    await stop();
    throw new Error(`The API did not start: ${printed.stderr}`, { cause: error });
  }
  return { url, stdout: () => printed.stdout, stderr: () => printed.stderr, stop };
}

/** An API with a database of its own, and its administrator signed in. */
export interface OwnApi extends ApiProcess {
  readonly databaseUrl: string;
  readonly admin: RawApi;
}

/** Starts an API on an empty database; nobody works on the runs that it accepts. */
export async function startOwnApi(
  servers: SharedSystem,
  name: string,
  variables: NodeJS.ProcessEnv = {},
): Promise<OwnApi> {
  const databaseUrl = await createDatabase(servers, name);
  const folder = await mkdtemp(join(servers.folder, 'own-'));
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, ADMIN.password, { mode: 0o600 });
  const api = await startApi(
    { ...servers, databaseUrl },
    { DIAKEN_ADMIN_PASSWORD_FILE: passwordFile, ...variables },
  );
  const stop = async () => {
    await api.stop();
    await rm(folder, { recursive: true });
  };
  return { ...api, stop, databaseUrl, admin: await RawApi.signedIn(api.url) };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < until && child.exitCode === null) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) {
      return;
    }
    await pause(50);
  }
  throw new Error(`It was not ready within ${READY_TIMEOUT_MS} ms, or it ended`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}
