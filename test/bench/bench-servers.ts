import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodeServer, startEmbedded, startNodeServer } from '@diaken/embedded';
import { redisOptions } from '@diaken/runtime';
import { Redis } from 'ioredis';
import { ADMIN, freePort, ROOT } from '../support/system';

/** A durable PostgreSQL and Redis of their own, and the built servers that can be started on them, as in production. */
export interface BenchServers {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly postgresPid: number;
  readonly redisPid: number;
  startApi(): Promise<{ readonly api: NodeServer; readonly origin: string }>;
  startWorker(variables?: NodeJS.ProcessEnv): Promise<NodeServer>;
  /** To be done by `stop`, before what is ended or removed already. */
  onStop(work: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

/** Starts them in a folder of their own on the disk; everything ends and is removed by `stop`. */
export async function startBenchServers(): Promise<BenchServers> {
  const parent = join(ROOT, '.data', 'bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'system-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const onStop = (work: () => Promise<unknown>) => void stops.push(work);
  const stop = async () => {
    for (const next of stops.splice(0).reverse()) {
      await next();
    }
  };
  try {
    return { ...(await start(folder, onStop)), onStop, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  folder: string,
  onStop: BenchServers['onStop'],
): Promise<Omit<BenchServers, 'onStop' | 'stop'>> {
  const embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: true });
  onStop(() => embedded.stop());
  const { databaseUrl, redisUrl } = embedded;
  const shared = {
    ...(await production(folder)),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
  };
  const startServer = async (
    name: 'api' | 'worker',
    readyUrl: string,
    own: NodeJS.ProcessEnv,
  ): Promise<NodeServer> => {
    const server = await startNodeServer({
      ...{ name, readyUrl, variables: { ...shared, ...own } },
      program: join(ROOT, `dist/apps/${name}/main.js`),
      logFile: join(folder, `${name}.log`),
    });
    onStop(() => server.stop());
    return server;
  };
  return {
    ...{ folder, databaseUrl, redisUrl },
    postgresPid: await postgresPid(folder),
    redisPid: await redisPid(redisUrl),
    startApi: async () => {
      const port = String(await freePort());
      const origin = `http://127.0.0.1:${port}`;
      const ready = `${origin}/api/v1/health/ready`;
      return { origin, api: await startServer('api', ready, { DIAKEN_API_PORT: port }) };
    },
    startWorker: async (own = {}) => {
      const port = String(await freePort());
      const ready = `http://127.0.0.1:${port}/health/ready`;
      return startServer('worker', ready, { DIAKEN_WORKER_HEALTH_PORT: port, ...own });
    },
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
