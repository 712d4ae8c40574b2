import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RestClient } from '@diaken/client';
import { ApiTokenCreated } from '@diaken/contracts';
import { type NodeServer, startEmbedded, startNodeServer } from '@diaken/embedded';
import { startLab } from '@diaken/lab';
import { redisOptions } from '@diaken/runtime';
import { Redis } from 'ioredis';
import { type Needed, registerLab } from '../support/machines';
import { ADMIN, freePort, ROOT } from '../support/system';

/** The built servers on a durable PostgreSQL and Redis of their own, as in production. */
export interface BenchSystem {
  readonly origin: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly api: NodeServer;
  readonly postgresPid: number;
  readonly redisPid: number;
  startWorker(): Promise<NodeServer>;
  /** Reads the lab's inventory with the help of a worker; answers what every request needs. */
  registerLab(): Promise<{ readonly needed: Needed; readonly token: string }>;
  stop(): Promise<void>;
}

/** Starts it in a folder of its own on the disk; everything ends and is removed by `stop`. */
export async function startBenchSystem(): Promise<BenchSystem> {
  const parent = join(ROOT, '.data', 'bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'system-'));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const next of stops.splice(0).reverse()) {
      await next();
    }
  };
  try {
    return { ...(await start(folder, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  folder: string,
  stops: (() => Promise<void>)[],
): Promise<Omit<BenchSystem, 'stop'>> {
  const embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: true });
  stops.push(() => embedded.stop());
  const { databaseUrl, redisUrl } = embedded;
  const [port, healthPort] = [await freePort(), await freePort()];
  const variables = {
    ...(await production(folder)),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DIAKEN_API_PORT: String(port),
    DIAKEN_WORKER_HEALTH_PORT: String(healthPort),
  };
  const origin = `http://127.0.0.1:${port}`;
  const startServer = async (name: 'api' | 'worker', readyUrl: string) => {
    const server = await startNodeServer({
      name,
      readyUrl,
      program: join(ROOT, `dist/apps/${name}/main.js`),
      variables,
      logFile: join(folder, `${name}.log`),
    });
    stops.push(() => server.stop());
    return server;
  };
  const api = await startServer('api', `${origin}/api/v1/health/ready`);
  const startWorker = () => startServer('worker', `http://127.0.0.1:${healthPort}/health/ready`);
  return {
    ...{ origin, databaseUrl, redisUrl, api, startWorker },
    postgresPid: await postgresPid(folder),
    redisPid: await redisPid(redisUrl),
    registerLab: () => register(origin, folder),
  };
}

/** The settings of docs/operating.md, with every default left as it is. */
async function production(folder: string): Promise<NodeJS.ProcessEnv> {
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, ADMIN.password, { mode: 0o600 });
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    NODE_ENV: 'production',
    NODE_OPTIONS: process.env['BENCH_NODE_OPTIONS'], // such as --cpu-prof
    DIAKEN_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    DIAKEN_ADMIN_PASSWORD_FILE: passwordFile,
    DIAKEN_DATA_FOLDER: folder,
    DIAKEN_WEB_FOLDER: join(ROOT, 'dist/apps/web/browser'),
  };
}

async function register(
  origin: string,
  folder: string,
): Promise<{ readonly needed: Needed; readonly token: string }> {
  const client = new RestClient(origin);
  await client.signIn(ADMIN.username, ADMIN.password);
  const keyFile = join(folder, 'id_ed25519');
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
  const lab = await startLab({ root: ROOT, stateFolder: join(folder, 'lab'), guests: false });
  try {
    const needed = await registerLab({ client, lab, keyFile });
    const { token } = await client.post('tokens', { name: 'bench' }, ApiTokenCreated);
    return { needed, token };
  } finally {
    await lab.stop();
  }
}

async function postgresPid(folder: string): Promise<number> {
  const [pid] = (await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}

async function redisPid(url: string): Promise<number> {
  const redis = new Redis(redisOptions(url));
  const server = await redis.info('server');
  redis.disconnect();
  return Number(/process_id:(\d+)/.exec(server)?.[1]);
}
