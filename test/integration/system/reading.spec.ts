import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  API_PREFIX,
  LogPage,
  RunAccepted,
  RunEventList,
  RunPage,
  RunStatusView,
} from '@diaken/contracts';
import { databaseOptions, PostgresRunStore, RunClaims } from '@diaken/persistence';
import type { Lease } from '@diaken/pipeline';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { readStream } from '../../support/event-stream';
import type { Needed } from '../../support/machines';
import { createDatabase, type OwnApi, startApi, startOwnApi } from '../../support/own-api';
import { problemIn, RawApi } from '../../support/raw-api';
import { ADMIN } from '../../support/system';
import { TcpProxy } from '../../support/tcp-proxy';

let own: OwnApi;
let needed: Needed;
let database: DataSource;
/** Writes as a worker does; there is none here but the tests. */
let store: PostgresRunStore;
let claims: RunClaims;
let count = 0;

/** No test lasts as long. */
const LEASE_MS = 600_000;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'reading');
  needed = await copyCatalog(inject('system'), own);
  database = await new DataSource(databaseOptions(own.databaseUrl, 4)).initialize();
  store = new PostgresRunStore(database, LEASE_MS);
  claims = new RunClaims(database, { worker: 'test', leaseMs: LEASE_MS });
});
afterAll(async () => {
  await database.destroy();
  await own.stop();
});

/** A run that a worker has begun. */
async function begun(): Promise<{ id: string; lease: Lease }> {
  const answer = await own.admin.send('POST', 'deployments', {
    body: { ...pendingInput(needed, ++count), priority: 9 },
  });
  const { id } = RunAccepted.parse(answer.body);
  const lease = await claims.next({ kinds: ['deploy-vm'], hasRoom: true });
  if (lease?.runId !== id) {
    throw new Error('Somebody else has the run');
  }
  await store.moveRun(lease, 'running');
  return { id, lease };
}

/** Appends lines that say their own numbers. */
async function append(lease: Lease, from: number, howMany: number): Promise<void> {
  const lines = Array.from({ length: howMany }, (_, index) => ({
    at: new Date(),
    step: 'run-playbooks',
    text: `line ${from + index}`,
  }));
  await store.appendLog(lease, { after: from - 1, lines, notes: new Map() });
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const statusOf = async (id: string, headers: Record<string, string> = {}) =>
  own.admin.send('GET', `runs/${id}/status`, { headers });

describe('the status of a run', () => {
  it('is not sent again while nothing has changed', async () => {
    const { id, lease } = await begun();
    const first = await statusOf(id);
    const tag = first.headers.get('ETag') ?? '';
    expect(tag).toMatch(/^"[\da-f.]+"$/);
    expect(first.headers.get('Cache-Control')).toBe('private, no-cache');

    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await statusOf(id, { 'If-None-Match': known });
      expect([again.status, again.text, again.headers.get('ETag')]).toEqual([304, '', tag]);
    }

    await store.moveStep(lease, 'preflight', { status: 'running' });
    const changed = await statusOf(id, { 'If-None-Match': tag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('ETag')).not.toBe(tag);
    expect(RunStatusView.parse(changed.body).revision).toBeGreaterThan(
      RunStatusView.parse(first.body).revision,
    );
  });

  it('changes when the log grows', async () => {
    const { id, lease } = await begun();
    const tag = (await statusOf(id)).headers.get('ETag') ?? '';
    await append(lease, 1, 3);
    const changed = await statusOf(id, { 'If-None-Match': tag });
    expect(changed.body).toMatchObject({ logLines: 3 });
  });

  it('is the same in the run, in the list and by itself', async () => {
    const { id, lease } = await begun();
    await store.moveStep(lease, 'preflight', { status: 'running', message: 'Looking' });
    const status = RunStatusView.parse((await statusOf(id)).body);
    const run = await own.admin.send('GET', `runs/${id}`);
    const list = RunPage.parse((await own.admin.send('GET', 'runs')).body);
    expect(run.body).toMatchObject(status);
    expect(list.items.find((item) => item.id === id)).toMatchObject(status);
    expect(status).toMatchObject({ status: 'running', waiting: null, failure: null });
  });
});

describe('the events of a run', () => {
  it('are told in order, and from any of them on', async () => {
    const { id, lease } = await begun();
    await store.moveStep(lease, 'preflight', { status: 'running' });
    await store.moveStep(lease, 'preflight', { progress: 0.5, message: 'Half' });
    await store.moveStep(lease, 'preflight', { status: 'success' });
    const read = async (query: string) =>
      RunEventList.parse((await own.admin.send('GET', `runs/${id}/events?${query}`)).body).items;

    const all = await read('');
    expect(all.map(({ type }) => type)).toEqual([
      ...['run.status', 'run.claimed', 'run.status'],
      ...['step.status', 'step.progress', 'step.status'],
    ]);
    const ids = all.map((event) => event.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    for (const [index, after] of ids.entries()) {
      expect(await read(`after=${after}`)).toEqual(all.slice(index + 1));
      expect(await read(`after=${after}&limit=1`)).toEqual(all.slice(index + 1, index + 2));
    }
    expect(await read(`after=${Number.MAX_SAFE_INTEGER}`)).toEqual([]);
  });

  it('are those of this run only', async () => {
    const [one, other] = [await begun(), await begun()];
    await store.moveStep(other.lease, 'preflight', { status: 'running' });
    const { body } = await own.admin.send('GET', `runs/${one.id}/events`);
    expect(RunEventList.parse(body).items.map(({ type }) => type)).not.toContain('step.status');
  });
});

describe('the log of a run', () => {
  it('can be read from any line on, in pages of any size', async () => {
    const { id, lease } = await begun();
    let next = 1;
    for (const size of [1, 40, 3, 100, 56]) {
      await append(lease, next, size);
      next += size;
    }
    const page = async (from: number, limit: number) =>
      LogPage.parse(
        (await own.admin.send('GET', `runs/${id}/log?from=${from}&limit=${limit}`)).body,
      );

    for (const limit of [1, 7, 40, 200, 5_000]) {
      const lines: number[] = [];
      for (let from = 1; from <= 200; from += limit) {
        const { items, total } = await page(from, limit);
        expect(total).toBe(200);
        lines.push(...items.map(({ line }) => line));
      }
      expect(lines).toEqual(numbers(1, 200));
    }
    const { items } = await page(42, 3);
    expect(items.map(({ line, text }) => [line, text])).toEqual([
      [42, 'line 42'],
      [43, 'line 43'],
      [44, 'line 44'],
    ]);
    expect((await page(201, 10)).items).toEqual([]);
  });
});

describe('the stream of a log', () => {
  const cookie = async () => {
    const answer = await new RawApi(own.url).send('POST', 'session', { body: ADMIN });
    return { Cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  };
  const streamOf = (id: string) => `${own.url}${API_PREFIX}/runs/${id}/log/stream`;

  it('goes on after a break without a gap or a line twice, and ends with the run', async () => {
    const { id, lease } = await begun();
    const headers = await cookie();
    const writing = (async () => {
      for (let from = 1; from <= 900; from += 30) {
        await append(lease, from, 30);
        await pause(20);
      }
      await store.moveRun(lease, 'success');
    })();
    const lines: number[] = [];
    let last = '';
    let end: unknown;
    for (let time = 0; end === undefined && time < 50; time++) {
      const more: Record<string, string> = last ? { 'Last-Event-ID': last } : {};
      const read = await readStream(streamOf(id), {
        headers: { ...headers, ...more },
        atMost: 100,
      });
      lines.push(...read.lines);
      last = read.lastId || last;
      end = read.end;
    }
    await writing;
    expect(lines).toEqual(numbers(1, 900));
    expect(RunStatusView.parse(end)).toMatchObject({ id, status: 'success', logLines: 900 });
  });

  it('tells a line soon after it was written', async () => {
    const { id, lease } = await begun();
    const reading = readStream(streamOf(id), { headers: await cookie(), atMost: 1 });
    await pause(500);
    const written = performance.now();
    await append(lease, 1, 1);
    expect((await reading).texts).toEqual(['line 1']);
    expect(performance.now() - written).toBeLessThan(1_000);
  });

  it('begins where it is asked to, and the browser’s own header counts more', async () => {
    const { id, lease } = await begun();
    await append(lease, 1, 10);
    await store.moveRun(lease, 'success');
    const headers = await cookie();
    const from = async (query: string, more: Record<string, string> = {}) =>
      (await readStream(streamOf(id) + query, { headers: { ...headers, ...more } })).lines;
    expect(await from('?from=8')).toEqual([8, 9, 10]);
    expect(await from('?from=2', { 'Last-Event-ID': '9' })).toEqual([10]);
    expect(await from('', { 'Last-Event-ID': 'nonsense' })).toEqual(numbers(1, 10));
    expect(await from('', { 'Last-Event-ID': String(2 ** 40) })).toEqual([]);
    expect(await from('?from=11')).toEqual([]);
  });

  it('carries a long log to a slow reader whole', async () => {
    const { id, lease } = await begun();
    await append(lease, 1, 20_000);
    await store.moveRun(lease, 'success');
    const read = await readStream(streamOf(id), { headers: await cookie() });
    expect(read.lines).toHaveLength(20_000);
    expect(read.texts.at(-1)).toBe('line 20000');
    expect(read.end).toBeDefined();
  });
});

describe('waiting for a run', () => {
  const wait = async (id: string, seconds: number) => {
    const began = performance.now();
    const answer = await own.admin.send('GET', `runs/${id}/wait?timeout=${seconds}`);
    return { status: RunStatusView.parse(answer.body).status, ms: performance.now() - began };
  };

  it('ends as soon as the run has settled, for everybody who waits', async () => {
    const { id, lease } = await begun();
    const waiting = Promise.all(Array.from({ length: 20 }, () => wait(id, 30)));
    await pause(300);
    await store.moveStep(lease, 'preflight', { status: 'running' });
    await pause(300);
    await store.moveRun(lease, 'success');
    for (const { status, ms } of await waiting) {
      expect(status).toBe('success');
      expect(ms).toBeLessThan(2_500);
    }
  });

  it('ends at the timeout when the run goes on', async () => {
    const { id } = await begun();
    const { status, ms } = await wait(id, 1);
    expect(status).toBe('running');
    expect(ms).toBeGreaterThan(950);
    expect(ms).toBeLessThan(2_500);
  });

  it('does not begin when there is nothing to wait for', async () => {
    const { id, lease } = await begun();
    expect((await wait(id, 0)).ms).toBeLessThan(500);
    await store.moveRun(lease, 'success');
    expect((await wait(id, 300)).ms).toBeLessThan(500);
  });
});

describe('the list of runs', () => {
  const insert = (howMany: number, target: string, createdAt: string) =>
    database.query(
      `INSERT INTO run (id, kind, status, target, request, requested_by, created_at)
       SELECT gen_random_uuid(), 'sync-inventory', 'success', $2, '{}', 'admin', ${createdAt}
       FROM generate_series(1, $1)`,
      [howMany, target],
    );
  const page = async (query: string) =>
    RunPage.parse((await own.admin.send('GET', `runs?${query}`)).body);

  it('narrows down by status, kind and part of the target', async () => {
    const { id, lease } = await begun();
    await store.moveRun(lease, 'failed');
    const { target } = (await page('')).items.find((run) => run.id === id) ?? { target: '' };
    const idsOf = async (query: string) => (await page(query)).items.map((run) => run.id);
    expect(await idsOf(`target=${target.toUpperCase()}`)).toContain(id);
    expect(await idsOf(`target=${target}&status=failed`)).toEqual([id]);
    expect(await idsOf(`target=${target}&status=success`)).toEqual([]);
    expect(await idsOf(`target=${target}&kind=sync-inventory`)).toEqual([]);
    expect((await page('status=failed')).items.every((run) => run.status === 'failed')).toBe(true);
    expect(await idsOf('target=%25')).toEqual([]);
    expect(await idsOf('target=_')).toEqual([]);
  });

  it('shows every run once while new ones arrive, also those of one moment', async () => {
    // 60 runs of one moment: only their ids tell them apart.
    await insert(60, 'paging', `'2020-01-01T00:00:00Z'`);
    await insert(40, 'paging', `'2020-01-01T00:00:00Z'::timestamptz + random() * interval '1 day'`);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { items, next } = await page(`target=paging&limit=7${cursor}`);
      seen.push(...items.map((run) => run.id));
      await insert(5, 'paging', 'now()');
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    const old = await database.query(
      `SELECT id FROM run WHERE target = 'paging' AND created_at < '2021-01-01'
       ORDER BY created_at DESC, id DESC`,
    );
    expect(seen).toEqual(old.map((row: { id: string }) => row.id));
    expect(seen).toHaveLength(100);
  });

  it('says that there is no next page exactly when there is none', async () => {
    await insert(14, 'exactly', `'2020-01-01T00:00:00Z'`);
    expect((await page('target=exactly&limit=14')).next).toBeNull();
    const { next } = await page('target=exactly&limit=7');
    const second = await page(`target=exactly&limit=7&cursor=${next}`);
    expect([second.items.length, second.next]).toEqual([7, null]);
    expect(await page('target=nothing-of-this-name')).toEqual({ items: [], next: null });
  });

  it('of things with names is paged in the order of the names', async () => {
    const names = Array.from(
      { length: 25 },
      (_, index) => `paged ${String(index).padStart(2, '0')}`,
    );
    for (const name of [...names].reverse()) {
      await own.admin.send('POST', 'environments', { body: { name } });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await own.admin.send('GET', `environments?limit=10${cursor}`);
      const { items, next } = body as { items: { name: string }[]; next: string | null };
      seen.push(...items.map(({ name }) => name));
      cursor = next === null ? null : `&cursor=${next}`;
    }
    expect(seen).toEqual(names);
  });
});

describe('health', () => {
  it('is told to anybody', async () => {
    const stranger = new RawApi(own.url);
    expect((await stranger.send('GET', 'health/live')).body).toEqual({ status: 'ok' });
    const ready = await stranger.send('GET', 'health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      status: 'ok',
      details: { database: { status: 'up' }, redis: { status: 'up', answers: true } },
    });
    expect(ready.headers.get('Cache-Control')).toContain('no-store');
  });
});

describe('an API whose database goes away', () => {
  let proxy: TcpProxy;
  let api: Awaited<ReturnType<typeof startApi>>;
  let admin: RawApi;

  beforeAll(async () => {
    const url = new URL(await createDatabase(inject('system'), 'away'));
    proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(await proxy.open());
    api = await startApi({ ...inject('system'), databaseUrl: url.href });
    const [, password = ''] = /one-time password: (\S+)/.exec(api.stderr()) ?? [];
    admin = await RawApi.signedIn(api.url, { username: 'admin', password });
    const change = { currentPassword: password, newPassword: ADMIN.password };
    await admin.send('PUT', 'session/password', { body: change });
  });
  afterAll(async () => {
    await api.stop();
    await proxy.close();
  });

  it('says so, asks to come back, and works again by itself', async () => {
    expect((await admin.send('GET', 'runs')).status).toBe(200);
    await proxy.close();
    const requests: [string, string, object?][] = [
      ['GET', 'health/ready'],
      ['GET', 'runs'],
      ['GET', `runs/${randomUUID()}/status`],
      ['POST', 'environments', { name: 'Never made' }],
      ['POST', 'session', ADMIN],
      ['GET', 'health/ready'],
    ];
    for (const [method, path, body] of requests) {
      const answer = await admin.send(method, path, { body });
      expect([path, problemIn(answer).code]).toEqual([path, 'service-unavailable']);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('Retry-After')).toBe('5');
      expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
    }
    expect((await admin.send('GET', 'health/live')).status).toBe(200);

    await proxy.open();
    await expect.poll(async () => (await admin.send('GET', 'health/ready')).status).toBe(200);
    expect((await admin.send('GET', 'runs')).status).toBe(200);
    expect((await admin.send('GET', 'environments')).body).toEqual({ items: [], next: null });
    expect(api.stderr()).not.toContain('Error');
  });

  it('answers requests that were on their way', async () => {
    const waiting = Array.from({ length: 10 }, () => admin.send('GET', 'runs'));
    await proxy.close();
    for (const { status } of await Promise.all(waiting)) {
      expect([200, 503]).toContain(status);
    }
    await proxy.open();
    await expect.poll(async () => (await admin.send('GET', 'runs')).status).toBe(200);
  });
});
