import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEmbedded, type EmbeddedOptions, type EmbeddedServices } from './index';
import { findProcess, signalProcess } from './process-identity';
import { findFreePort } from './ports';
import { buildLauncher, startLauncher } from './testing/launcher-process';

const root = resolve(import.meta.dirname, '../../..');
const TIMEOUT_MS = 60_000;
vi.setConfig({ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS });

let dataFolder: string;
let options: EmbeddedOptions;
const started: EmbeddedServices[] = [];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'diaken-embedded-'));
  options = { root, dataFolder, durable: false };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((services) => services.stop().catch(() => undefined)));
  for (const pid of await serverProcesses()) await signalProcess(pid, 'SIGKILL');
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServices> {
  const services = await startEmbedded({ ...options, ...more });
  started.push(services);
  return services;
}

async function serverProcesses() {
  const postgres = findProcess(`/postgres -D ${dataFolder}/postgres/data`);
  const redis = findProcess(` ${dataFolder}/redis/redis.conf --port`);
  return (await Promise.all([postgres, redis])).filter((found) => found !== undefined);
}

async function query(databaseUrl: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

async function ask<T>(redisUrl: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  redis.on('error', () => undefined); // the question itself is rejected
  return question(redis).finally(() => redis.disconnect());
}

describe('one user', () => {
  it('keeps rows and keys over a restart, at the same addresses', async () => {
    const first = await start({ durable: true });
    await query(first.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await ask(first.redisUrl, (redis) => redis.set('kept', 'yes'));
    await first.stop();
    expect(await serverProcesses()).toEqual([]);

    const second = await start({ durable: true });
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(second.redisUrl).toBe(first.redisUrl);
    expect(await query(second.databaseUrl, 'SELECT answer FROM kept')).toEqual([42]);
    expect(await ask(second.redisUrl, (redis) => redis.get('kept'))).toBe('yes');
  });

  it('runs Redis as a queue needs it, and PostgreSQL in UTF-8 and UTC', async () => {
    const { databaseUrl, redisUrl } = await start({ durable: true });
    const settings = await ask(redisUrl, (redis) =>
      redis.config('GET', 'append*', 'maxmemory-policy', 'bind'),
    );
    expect(settings).toEqual(expect.arrayContaining(['everysec', 'noeviction', '127.0.0.1']));
    const sql = `SELECT current_setting('server_encoding'), current_setting('TimeZone'),
      current_setting('fsync'), current_setting('listen_addresses')`;
    expect(await query(databaseUrl, sql)).toEqual(['UTF8', 'UTC', 'on', '127.0.0.1']);
  });

  it('asks for the password, and hides it and the data from other users', async () => {
    const { databaseUrl, redisUrl } = await start();
    const wrongPassword = databaseUrl.replace(/:[0-9a-f]{48}@/, ':wrong@');
    await expect(query(wrongPassword, 'SELECT 1')).rejects.toThrow('password authentication');
    const noPassword = redisUrl.replace(/:[0-9a-f]{48}@/, '');
    await expect(ask(noPassword, (redis) => redis.get('x'))).rejects.toThrow('NOAUTH');
    for (const server of ['postgres', 'redis']) {
      expect((await stat(join(dataFolder, server))).mode & 0o777).toBe(0o700);
      expect((await stat(join(dataFolder, server, 'password'))).mode & 0o777).toBe(0o600);
    }
  });

  it('starts only what is needed', async () => {
    const services = await start({ need: { postgres: false, redis: true } });
    expect(services.databaseUrl).toBe('');
    expect(await serverProcesses()).toHaveLength(1);
  });

  it('makes the database again after an interrupted creation', async () => {
    await mkdir(join(dataFolder, 'postgres/data.new-1/base'), { recursive: true });
    const { databaseUrl } = await start();
    expect(await query(databaseUrl, 'SELECT 1')).toEqual([1]);
    await expect(stat(join(dataFolder, 'postgres/data.new-1'))).rejects.toThrow('ENOENT');
  });

  it('starts again although another process has the number of the killed server', async () => {
    const first = await start();
    for (const server of await serverProcesses()) await signalProcess(server, 'SIGKILL');
    await vi.waitUntil(async () => (await serverProcesses()).length === 0);
    await first.stop();
    const pidFile = join(dataFolder, 'postgres/data/postmaster.pid');
    const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
    await writeFile(pidFile, [process.pid, ...rest].join('\n'));

    const second = await start();
    expect(await query(second.databaseUrl, 'SELECT 1')).toEqual([1]);
  });
});

describe('ports', () => {
  it('uses the wanted ports', async () => {
    const [postgresPort, redisPort] = [await findFreePort(), await findFreePort()];
    const services = await start({ postgresPort, redisPort });
    expect(services.databaseUrl).toContain(`127.0.0.1:${postgresPort}/`);
    expect(services.redisUrl).toContain(`127.0.0.1:${redisPort}/`);
  });

  it('moves when another program took the remembered port', async () => {
    const need = { postgres: false, redis: true };
    const first = await start({ need });
    await first.stop();
    await using _other = await listenOn(Number(new URL(first.redisUrl).port));
    const second = await start({ need });
    expect(second.redisUrl).not.toBe(first.redisUrl);
    expect(await ask(second.redisUrl, (redis) => redis.ping())).toBe('PONG');
  });

  it('says so when another program has the wanted port, and leaves nothing running', async () => {
    const redisPort = await findFreePort();
    await using _other = await listenOn(redisPort);
    await expect(start({ redisPort })).rejects.toMatchObject({
      problem: 'port-taken',
      message: expect.stringContaining(`Port ${redisPort} of 127.0.0.1`),
    });
    expect(await serverProcesses()).toEqual([]);
  });

  async function listenOn(port: number): Promise<AsyncDisposable> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    return server;
  }
});

describe('several users', () => {
  let program: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diaken-launcher-'));
    program = await buildLauncher(folder);
    return () => rm(folder, { recursive: true });
  });

  it('starts the servers once for launchers that start together; the last one stops them', async () => {
    const [api, worker] = await Promise.all([
      startLauncher(program, options),
      startLauncher(program, options),
    ]);
    expect(worker.databaseUrl).toBe(api.databaseUrl);
    expect(worker.redisUrl).toBe(api.redisUrl);

    await api.end('SIGTERM');
    expect(await query(worker.databaseUrl, 'SELECT 1')).toEqual([1]);
    expect(await ask(worker.redisUrl, (redis) => redis.ping())).toBe('PONG');

    await worker.end('SIGTERM');
    expect(await serverProcesses()).toEqual([]);
  });

  it('does not count a killed launcher', async () => {
    const killed = await startLauncher(program, options);
    const worker = await startLauncher(program, options);
    await killed.end('SIGKILL');
    expect(await query(worker.databaseUrl, 'SELECT 1')).toEqual([1]);
    await worker.end('SIGTERM');
    expect(await serverProcesses()).toEqual([]);
  });

  it('adopts the servers of a launcher that was killed alone', async () => {
    const killed = await startLauncher(program, options);
    await killed.end('SIGKILL');
    const before = await serverProcesses();
    expect(before).toHaveLength(2);

    const next = await start();
    expect(await serverProcesses()).toEqual(before);
    expect(await query(next.databaseUrl, 'SELECT 1')).toEqual([1]);
    await next.stop();
    expect(await serverProcesses()).toEqual([]);
  });

  it('gives a user that comes later what the first one did not need', async () => {
    const first = await start({ need: { postgres: false, redis: true } });
    const second = await start();
    expect(second.redisUrl).toBe(first.redisUrl);
    expect(await query(second.databaseUrl, 'SELECT 1')).toEqual([1]);
    await second.stop();
    expect(await serverProcesses()).toHaveLength(1);
  });

  it('refuses other settings while somebody else uses the server, and takes them later', async () => {
    const need = { postgres: false, redis: true };
    const first = await start({ need });
    await expect(start({ need, durable: true })).rejects.toMatchObject({
      problem: 'settings-differ',
      message: expect.stringContaining(String(process.pid)),
    });
    await first.stop();
    await expect(start({ need, durable: true })).resolves.toBeDefined();
  });
});

describe('clear errors', () => {
  it('names the ways to get Redis when it is missing', async () => {
    vi.stubEnv('REDIS_SERVER', '/nowhere/redis-server');
    await expect(start()).rejects.toMatchObject({
      problem: 'redis-missing',
      message: expect.stringMatching(/was not found.*apt-get install.*REDIS_SERVER.*REDIS_URL/s),
    });
    expect(await serverProcesses()).toEqual([]);
  });

  it('does not take another program for Redis', async () => {
    vi.stubEnv('REDIS_SERVER', '/bin/true');
    await expect(start()).rejects.toThrow('/bin/true is not a Redis server');
  });

  it('names npm ci when the PostgreSQL package is missing', async () => {
    await expect(start({ root: '/' })).rejects.toMatchObject({
      problem: 'postgres-missing',
      message: expect.stringMatching(/npm ci.*DATABASE_URL/s),
    });
  });

  it('does not touch data of another major version', async () => {
    const need = { postgres: true, redis: false };
    await (await start({ need })).stop();
    await writeFile(join(dataFolder, 'postgres/data/PG_VERSION'), '15\n');
    await expect(start({ need })).rejects.toMatchObject({
      problem: 'data-version',
      message: expect.stringContaining('was made by PostgreSQL 15'),
    });
  });

  it('shows what the server wrote when it does not start', async () => {
    const need = { postgres: true, redis: false };
    await (await start({ need })).stop();
    await writeFile(
      join(dataFolder, 'postgres/data/postgresql.auto.conf'),
      'no_such_setting = 1\n',
    );
    await expect(start({ need })).rejects.toMatchObject({
      problem: 'postgres-failed',
      message: expect.stringContaining('unrecognized configuration parameter "no_such_setting"'),
    });
  });
});
