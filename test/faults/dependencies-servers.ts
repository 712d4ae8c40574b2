import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbedded } from '@diaken/embedded';
import { redisOptions } from '@diaken/runtime';
import { Redis } from 'ioredis';
import { ROOT, type System } from '../support/system';
import { until } from './stop';

/** How long a server may take to end, ms. */
const END_MS = 60_000;

/** A server of a system that can be away for a while, and comes back with its data at the same port. */
export interface Server {
  /** Ends it and waits until it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Waits until it is ready. */
  start(): Promise<void>;
}

/** SIGINT stops it in good order, SIGQUIT as if it had crashed. */
export function postgresOf({ folder }: System): Server {
  return {
    stop: async (signal) => {
      const file = join(folder, 'postgres/data/postmaster.pid');
      const [pid] = (await readFile(file, 'utf8')).split('\n');
      await end(Number(pid), signal);
    },
    start: () => startAgain(folder, { postgres: true, redis: false }),
  };
}

/** SIGTERM stops it in good order, SIGKILL as if it had crashed. */
export function redisOf({ folder, redisUrl }: System): Server & { wipe(): Promise<void> } {
  return {
    wipe: async () => {
      await withRedis(redisUrl, (redis) => redis.flushall());
    },
    stop: async (signal) => {
      const facts = await withRedis(redisUrl, (redis) => redis.info('server'));
      await end(Number(/process_id:(\d+)/.exec(facts)?.[1]), signal);
    },
    start: () => startAgain(folder, { postgres: false, redis: true }),
  };
}

/** Starts what the system has lost. It stays the system's, which ends it. */
async function startAgain(
  dataFolder: string,
  need: { readonly postgres: boolean; readonly redis: boolean },
): Promise<void> {
  const services = await startEmbedded({ root: ROOT, dataFolder, durable: false, need });
  await services.stop();
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(redisOptions(url));
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await until(`process ${pid} ends`, async () => !isAlive(pid), END_MS);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: it has ended
  }
}
