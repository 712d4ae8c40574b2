import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedServices, startEmbedded } from '@diaken/embedded';
import {
  databaseOptions,
  migrate,
  type NewRun,
  PostgresRunStore,
  QueueOverview,
  RunActions,
  RunClaims,
  RunHistory,
  RunLedger,
  WorkerRegister,
} from '@diaken/persistence';
import type { Lease } from '@diaken/pipeline';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../support/system';

const LEASE_MS = 60_000;
const DEPLOYMENTS = { kinds: ['deploy-vm'], hasRoom: true } as const;
const VCENTER = 'vcenter:0f0e0d0c-0b0a-4900-8000-000000000001';
const FAILURE = { step: 'preflight', code: 'vcenter-unreachable', message: 'Away.', remedy: '' };

let folder: string;
let embedded: EmbeddedServices;
let database: DataSource;
let ledger: RunLedger;
let claims: RunClaims;
let store: PostgresRunStore;
let overview: QueueOverview;
let history: RunHistory;
let workers: WorkerRegister;
let actions: RunActions;

beforeAll(async () => {
  const parent = join(ROOT, '.data', 'test');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'run-queue-'));
  const need = { postgres: true, redis: false };
  embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: false, need });
  await migrate(embedded.databaseUrl);
  database = await new DataSource(databaseOptions(embedded.databaseUrl, 12)).initialize();
  ledger = new RunLedger(database);
  claims = new RunClaims(database, { worker: 'test:1', leaseMs: LEASE_MS });
  store = new PostgresRunStore(database, LEASE_MS);
  overview = new QueueOverview(database);
  history = new RunHistory(database, 0);
  workers = new WorkerRegister(database);
  actions = new RunActions(database);
});
beforeEach(() =>
  database.query('TRUNCATE run, run_limit, maintenance, worker, reservation CASCADE'),
);
afterAll(async () => {
  await database?.destroy();
  await embedded?.stop();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
async function ask(more: Partial<NewRun> = {}): Promise<string> {
  const hostname = `queue-${++count}`;
  const recorded = await ledger.record({
    ...{ kind: 'deploy-vm', target: hostname, request: {}, requestedBy: 'test' },
    plan: planFor('deploy-vm'),
    reserve: { hostname, address: `10.9.${count >> 8}.${count & 255}` },
    ...more,
  });
  if (recorded.outcome !== 'created') {
    throw new Error(recorded.outcome);
  }
  return recorded.run.id;
}

async function claim(): Promise<Lease> {
  const lease = await claims.next(DEPLOYMENTS);
  if (!lease) {
    throw new Error('Nothing to claim');
  }
  return lease;
}

const expireLeases = () => database.query("UPDATE run SET lease_until = now() - interval '1 s'");
const statusOf = async (id: string) => (await history.status(id))?.status;

describe('the queue', () => {
  it('gives the highest priority first, and the oldest of one priority', async () => {
    const asked = [];
    for (const priority of [4, 9, 0, 9, 4]) {
      asked.push({ priority, id: await ask({ priority }) });
    }
    const wanted = [...asked].sort((a, b) => b.priority - a.priority).map(({ id }) => id);
    const given = [];
    while (given.length < wanted.length) {
      given.push((await claim()).runId);
    }
    expect(given).toEqual(wanted);
    expect(await claims.next(DEPLOYMENTS)).toBeUndefined();
  });

  it('gives a run once, however many ask at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    const leases = await Promise.all(Array.from({ length: 25 }, () => claims.next(DEPLOYMENTS)));
    const given = leases.flatMap((lease) => lease?.runId ?? []);
    expect(new Set(given).size).toBe(10);
    expect(given).toHaveLength(10);
  });

  it('never goes above a limit, and passes by those that wait for it', async () => {
    await overview.setLimit(VCENTER, 3);
    for (let index = 0; index < 6; index++) {
      await ask({ limits: [VCENTER], priority: 9 });
    }
    const other = await ask({ priority: 0 });
    const leases = await Promise.all(Array.from({ length: 20 }, () => claims.next(DEPLOYMENTS)));
    const given = leases.flatMap((lease) => lease ?? []);
    expect(given).toHaveLength(4);
    expect(given.map(({ runId }) => runId)).toContain(other);

    const [first] = given.filter(({ runId }) => runId !== other);
    await store.release(first as Lease);
    await overview.setLimit(VCENTER, 5);
    const more = await Promise.all(Array.from({ length: 20 }, () => claims.next(DEPLOYMENTS)));
    expect(more.filter((lease) => lease !== undefined)).toHaveLength(3);
  });

  it('gives what is to be undone also without room, in maintenance, and above a limit', async () => {
    await overview.setLimit(VCENTER, 0);
    await overview.startMaintenance('admin', undefined);
    const id = await ask({ limits: [VCENTER] });
    await database.query("UPDATE run SET status = 'rolling_back', started_at = now()");
    expect(await claims.next({ ...DEPLOYMENTS, hasRoom: false })).toMatchObject({ runId: id });
  });

  it('starts nothing new in maintenance, but ends what had begun', async () => {
    const begun = await ask();
    await store.moveRun(await claim(), 'running');
    await ask();
    await overview.startMaintenance('admin', 'new disks');
    expect(await claims.next(DEPLOYMENTS)).toBeUndefined();
    await expireLeases();
    expect(await claims.next(DEPLOYMENTS)).toMatchObject({ runId: begun });
    await overview.endMaintenance();
    expect(await claims.next(DEPLOYMENTS)).toBeDefined();
  });

  it('counts the workers that were lost at a step, and forgets them when a step has ended', async () => {
    const id = await ask();
    const first = await claim();
    await store.moveRun(first, 'running');
    await expireLeases();
    const second = await claim();
    expect((await store.read(id)).losses).toBe(1);
    await expect(store.moveStep(first, 'preflight', { status: 'running' })).rejects.toThrow(
      'lease',
    );
    await store.moveStep(second, 'preflight', { status: 'success' });
    expect((await store.read(id)).losses).toBe(0);
  });

  it('stores a batch of lines once, also when its answer was lost', async () => {
    const id = await ask();
    const lease = await claim();
    const lines = ['one', 'two'].map((text) => ({ at: new Date(), step: 'preflight', text }));
    const batch = { after: 0, lines, notes: new Map([['preflight', { seen: 2 }]]) };
    await store.appendLog(lease, batch);
    await store.appendLog(lease, batch);
    await store.appendLog(lease, { after: 2, lines: lines.slice(0, 1), notes: new Map() });
    const stored = await history.log(id, { from: 1, limit: 10 });
    expect(stored.map(({ line, text }) => `${line} ${text}`)).toEqual(['1 one', '2 two', '3 one']);
  });
});

describe('a run that waits', () => {
  const waitingOf = async (id: string) => (await history.status(id))?.waiting;

  it('says that no worker lives, and its place', async () => {
    await ask({ priority: 5 });
    const id = await ask();
    expect(await waitingOf(id)).toMatchObject({ code: 'no-worker', place: 2 });
  });

  it('says that it is about to be taken, or that all places are taken', async () => {
    await workers.beat('0f0e0d0c-0b0a-4900-8000-000000000001', 'test:1', 1);
    const id = await ask();
    expect(await waitingOf(id)).toMatchObject({ code: 'queued', place: 1 });
    await claim();
    const next = await ask();
    expect(await waitingOf(next)).toMatchObject({ code: 'workers-busy', place: 1 });
    expect(await waitingOf(id)).toBeNull();
  });

  it('says which limit is reached', async () => {
    await workers.beat('0f0e0d0c-0b0a-4900-8000-000000000001', 'test:1', 5);
    await overview.setLimit(VCENTER, 1);
    await ask({ limits: [VCENTER] });
    await claim();
    const id = await ask({ limits: [VCENTER] });
    expect(await waitingOf(id)).toEqual({
      code: 'limit',
      message: expect.stringContaining('has 1 of 1 runs at work. Place 1 in the queue.'),
      place: 1,
      until: null,
    });
  });

  it('says why there is maintenance', async () => {
    await overview.startMaintenance('admin', 'new disks');
    const waiting = await waitingOf(await ask());
    expect(waiting).toMatchObject({
      code: 'maintenance',
      message: expect.stringContaining('new disks'),
    });
  });

  it('says that its worker was lost', async () => {
    const id = await ask();
    await store.moveRun(await claim(), 'running');
    expect(await waitingOf(id)).toBeNull();
    await expireLeases();
    expect(await waitingOf(id)).toMatchObject({ code: 'no-worker', place: null });
    await workers.beat('0f0e0d0c-0b0a-4900-8000-000000000001', 'test:1', 5);
    expect(await waitingOf(id)).toMatchObject({ code: 'worker-lost', place: null });
  });

  it('says when it is tried again, and is not taken before', async () => {
    const id = await ask();
    const lease = await claim();
    await store.moveRun(lease, 'running');
    const failure = { ...FAILURE, code: 'vcenter-unreachable' as const };
    await store.moveRun(lease, 'pending', { failure, retryInMs: 3_600_000 });
    await store.release(lease);
    expect(await waitingOf(id)).toMatchObject({
      code: 'retry',
      message: expect.stringContaining('Away.'),
      until: expect.stringMatching(/Z$/),
    });
    expect(await claims.next(DEPLOYMENTS)).toBeUndefined();
    expect((await store.read(id)).attempt).toBe(1);
  });
});

describe('a run that is cancelled', () => {
  const reservations = (id: string) =>
    database.query('SELECT kind FROM reservation WHERE run_id = $1', [id]);

  it('ends at once when it was never begun, and frees what it held', async () => {
    const id = await ask();
    const [run] = await actions.cancel([id], 'roll-back', 'admin');
    expect(run).toMatchObject({ id, status: 'cancelled' });
    expect(await reservations(id)).toEqual([]);
    expect(await actions.cancel([id], 'roll-back', 'admin')).toEqual([]);
  });

  it('is left to its worker while one has it', async () => {
    const id = await ask();
    const lease = await claim();
    await actions.cancel([id], 'keep', 'admin');
    expect(await statusOf(id)).toBe('pending');
    expect(await store.renew(lease)).toEqual({ cancel: 'keep' });
    expect(await reservations(id)).toHaveLength(2);
  });

  it('is undone next when it waits half-done, whatever waits before it', async () => {
    const id = await ask({ priority: 0 });
    const lease = await claim();
    await store.moveRun(lease, 'running');
    await store.moveRun(lease, 'pending');
    await store.release(lease);
    await ask({ priority: 9 });
    await actions.cancel([id], 'roll-back', 'admin');
    expect(await statusOf(id)).toBe('cancelling');
    expect((await claim()).runId).toBe(id);
  });

  it('is found by a filter', async () => {
    await ask({ requestedBy: 'alice' });
    const id = await ask({ requestedBy: 'bob' });
    expect(await actions.cancellable({ requestedBy: 'bob' })).toEqual([id]);
    expect(await actions.cancellable({ status: 'running' })).toEqual([]);
    expect(await actions.cancellable({ target: 'QUEUE-' })).toHaveLength(2);
  });
});
