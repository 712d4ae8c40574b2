import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { RestClient } from '@diaken/client';
import { type NodeServer, startEmbedded, startNodeServer } from '@diaken/embedded';
import { guestKey, type Lab, type LabOptions, startLab } from '@diaken/lab';

/** The workspace. */
export const ROOT = resolve(import.meta.dirname, '../..');

export const ADMIN = { username: 'admin', password: 'a password for tests' };

/** A whole Diaken: the built servers, on PostgreSQL and Redis of their own, with a lab. */
export interface System {
  readonly url: string;
  readonly lab: Lab;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
  /** Private key that the lab's guests let in as root. */
  readonly keyFile: string;
  readonly api: NodeServer;
  /** Signed in as the administrator. */
  readonly client: RestClient;
  startWorker(variables?: NodeJS.ProcessEnv): Promise<NodeServer>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly workers?: number;
  readonly lab?: Partial<LabOptions>;
  readonly variables?: NodeJS.ProcessEnv;
}

/** Starts a system in a folder of its own; everything ends and is removed by `stop`. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const parent = join(ROOT, '.data', 'test');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'system-'));
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const next of stops.splice(0).reverse()) {
      await next();
    }
  };
  try {
    return await start(options, folder, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  { workers = 1, lab: labOptions, variables: more }: SystemOptions,
  folder: string,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<System> {
  const embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: false });
  stops.push(() => embedded.stop());
  const lab = await startLab({ root: ROOT, stateFolder: join(folder, 'lab'), ...labOptions });
  stops.push(() => lab.stop());
  const keyFile = await guestKey(lab, folder);
  const port = await freePort();
  const variables = await environment(folder, port, embedded, more);
  const url = `http://127.0.0.1:${port}`;
  const api = await startNodeServer({
    name: 'API',
    program: join(ROOT, 'dist/apps/api/main.js'),
    variables,
    readyUrl: `${url}/api/v1/health/ready`,
    logFile: join(folder, 'api.log'),
  });
  stops.push(() => api.stop());
  const startWorker = async (own: NodeJS.ProcessEnv = {}) => {
    const healthPort = await freePort();
    const worker = await startNodeServer({
      name: 'worker',
      program: join(ROOT, 'dist/apps/worker/main.js'),
      variables: { ...variables, DIAKEN_WORKER_HEALTH_PORT: String(healthPort), ...own },
      readyUrl: `http://127.0.0.1:${healthPort}/health/ready`,
      logFile: join(folder, 'worker.log'),
    });
    stops.push(() => worker.stop());
    return worker;
  };
  for (let count = 0; count < workers; count++) {
    await startWorker();
  }
  const client = new RestClient(url);
  await client.signIn(ADMIN.username, ADMIN.password);
  const { databaseUrl, redisUrl } = embedded;
  return { url, lab, databaseUrl, redisUrl, folder, keyFile, api, client, startWorker, stop };
}

async function environment(
  folder: string,
  port: number,
  { databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string },
  more: NodeJS.ProcessEnv = {},
): Promise<NodeJS.ProcessEnv> {
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, ADMIN.password, { mode: 0o600 });
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DIAKEN_API_PORT: String(port),
    DIAKEN_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DIAKEN_ADMIN_PASSWORD_FILE: passwordFile,
    DIAKEN_DATA_FOLDER: folder,
    DIAKEN_WEB_FOLDER: join(ROOT, 'dist/apps/web/browser'),
    DIAKEN_VCENTER_POLL_MS: '150',
    DIAKEN_WORKER_GRACE_SECONDS: '0',
    DIAKEN_WORKER_CONCURRENCY: '20',
    ...more,
  };
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || !address) {
    throw new Error('No free port');
  }
  return address.port;
}
