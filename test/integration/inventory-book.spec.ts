import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InventoryObject } from '@diaken/contracts';
import { type EmbeddedServices, startEmbedded } from '@diaken/embedded';
import {
  databaseOptions,
  inventoryHealth,
  inventoryPage,
  InventoryWatches,
  migrate,
  PostgresInventoryBook,
  WatchLost,
} from '@diaken/persistence';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../support/system';

const INSTANCE = 'dbed6e0c-0000-4000-8000-000000000001';
const QUERY = { limit: 200 };

let folder: string;
let embedded: EmbeddedServices;
let database: DataSource;
let book: PostgresInventoryBook;
let id: string;

beforeAll(async () => {
  const parent = join(ROOT, '.data', 'test');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'inventory-'));
  const need = { postgres: true, redis: false };
  embedded = await startEmbedded({ root: ROOT, dataFolder: folder, durable: false, need });
  await migrate(embedded.databaseUrl);
  database = await new DataSource(databaseOptions(embedded.databaseUrl, 5)).initialize();
  book = new PostgresInventoryBook(database);
});

afterAll(async () => {
  await database?.destroy();
  await embedded?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  id = randomUUID();
  await database.query(
    `INSERT INTO vcenter (id, name, url, username, sealed_password, tls) VALUES ($1, $2, '', '', '', '{}')`,
    [id, id],
  );
});

const machine = (number: number, details: object = {}): InventoryObject => ({
  ...{ kind: 'vm', moType: 'VirtualMachine', moRef: `vm-${number}`, name: `vm ${number}` },
  ...{ path: `/DC0/vm/vm ${number}`, datacenter: 'dc-1', parent: 'group-v1' },
  details: { power: 'on', ...details },
});
const machines = (count: number) => Array.from({ length: count }, (_, number) => machine(number));
const read = async (objects: readonly InventoryObject[], since?: number) =>
  book.replace(id, { instanceUuid: INSTANCE, objects }, since ?? (await book.revision(id)));
const kept = async () =>
  (await inventoryPage(database, id, QUERY)).items.map(({ moRef }) => moRef).toSorted();
const changesSince = (changedSince: number) =>
  inventoryPage(database, id, { ...QUERY, changedSince });

/** What PostgreSQL knows of a row's versions: another `xmin` is another version. */
const versions = () =>
  database.query(
    'SELECT mo_ref, xmin::text, revision FROM inventory_object WHERE vcenter_id = $1 ORDER BY mo_ref',
    [id],
  );

describe('what is kept of a vCenter', () => {
  it('is what was read last', async () => {
    expect(await read(machines(3))).toEqual({ changed: 3, gone: 0 });
    expect(await read([machine(1), machine(5)])).toEqual({ changed: 1, gone: 2 });
    expect(await kept()).toEqual(['vm-1', 'vm-5']);
  });

  it('is not written again where it is the same', async () => {
    await read(machines(1_200));
    const before = await versions();
    const changed = machines(1_200).with(700, machine(700, { power: 'off' }));
    expect(await read(changed)).toEqual({ changed: 1, gone: 0 });
    const after = await versions();
    const others = (rows: { mo_ref: string }[]) => rows.filter(({ mo_ref }) => mo_ref !== 'vm-700');
    expect(others(after)).toEqual(others(before));
    expect(after).not.toEqual(before);
  });

  it('tells types apart that have one reference', async () => {
    const network = { ...machine(1), kind: 'network', moType: 'Network' } as const;
    await read([machine(1), network]);
    expect(await kept()).toEqual(['vm-1', 'vm-1']);
    expect(await read([network])).toEqual({ changed: 0, gone: 1 });
  });

  it('stays the same object when a machine becomes a template', async () => {
    await read([machine(1)]);
    expect(await read([{ ...machine(1), kind: 'template' }])).toEqual({ changed: 1, gone: 0 });
    expect(await kept()).toEqual(['vm-1']);
  });

  it('that has changed since a reading began, is newer than the reading', async () => {
    await read(machines(3));
    const began = await book.revision(id);
    await read([machine(0, { power: 'off' }), machine(2), machine(9)]);
    expect(await read(machines(3), began)).toEqual({ changed: 0, gone: 0 });
    const { items } = await inventoryPage(database, id, QUERY);
    expect(items.map(({ moRef, details }) => [moRef, details['power']])).toEqual([
      ['vm-0', 'off'],
      ['vm-2', 'on'],
      ['vm-9', 'on'],
    ]);
  });

  it('of another vCenter is not mixed with that of the first', async () => {
    await read(machines(2));
    const other = { instanceUuid: INSTANCE.replace('1', '2'), objects: [machine(7)] };
    await expect(book.replace(id, other, 99)).rejects.toMatchObject({ code: 'vcenter-replaced' });
    expect(await kept()).toEqual(['vm-0', 'vm-1']);
  });
});

describe('what has changed since', () => {
  it('is told in the order of changes, with what has gone', async () => {
    await read(machines(3));
    const { revision } = await inventoryPage(database, id, QUERY);
    await read([machine(0), machine(1, { power: 'off' }), machine(2)]);
    await read([machine(1, { power: 'off' }), machine(2), machine(4)]);
    const { items, ...page } = await changesSince(revision);
    expect(items.map(({ moRef, isGone }) => [moRef, isGone])).toEqual([
      ['vm-1', false],
      ['vm-0', true],
      ['vm-4', false],
    ]);
    expect((await changesSince(page.revision)).items).toEqual([]);
  });

  it('comes in pages', async () => {
    await read(machines(5));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await inventoryPage(database, id, { limit: 2, changedSince: 0, cursor });
      seen.push(...page.items.map(({ moRef }) => moRef));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(['vm-0', 'vm-1', 'vm-2', 'vm-3', 'vm-4']);
  });

  it('has what went and came back as there', async () => {
    await read([machine(1)]);
    await read([]);
    await read([machine(1)]);
    const { items } = await changesSince(0);
    expect(items.map(({ moRef, isGone }) => [moRef, isGone])).toEqual([['vm-1', false]]);
  });

  it('is refused when what has gone is forgotten already', async () => {
    await read(machines(2));
    await read([machine(1)]);
    await database.query(`UPDATE inventory_gone SET gone_at = now() - interval '8 days'`);
    await read([machine(1)]);
    await expect(changesSince(1)).rejects.toThrow('remembered from revision 2');
    expect((await changesSince(2)).items).toEqual([]);
  });
});

describe('the health of an inventory', () => {
  const health = async () => (await inventoryHealth(database, [id])).get(id);
  const problem = { code: 'vcenter-unreachable', message: 'It is away.', remedy: 'Wait.' } as const;

  it('is known before anything was read', async () => {
    expect(await health()).toMatchObject({ state: 'never-read', confirmedAt: null });
  });

  it('is that of the last look, and what is kept stays', async () => {
    await read(machines(2));
    expect(await health()).toMatchObject({ state: 'current', ageSeconds: 0, lastProblem: null });
    await book.noteProblem(id, problem);
    expect(await health()).toMatchObject({ state: 'failing', lastProblem: problem });
    expect(await kept()).toHaveLength(2);
    await read(machines(2));
    expect(await health()).toMatchObject({ state: 'current', lastProblem: null });
  });

  it('becomes stale when nobody looks', async () => {
    await read(machines(2));
    await database.query(`UPDATE inventory_state SET confirmed_at = now() - interval '90 seconds'`);
    expect(await health()).toMatchObject({ state: 'stale', ageSeconds: 90 });
  });
});

describe('the watch of a vCenter', () => {
  const LEASE_MS = 60_000;
  const one = () => new InventoryWatches(database, 'one', LEASE_MS);
  const other = () => new InventoryWatches(database, 'other', LEASE_MS);
  const isAmong = async (watches: InventoryWatches) =>
    (await watches.claim()).some(({ vcenterId }) => vcenterId === id);
  const change = (objects: InventoryObject[]) =>
    ({ what: 'changes', changed: objects, gone: [] }) as const;
  const leaseEnds = () =>
    database.query(`UPDATE inventory_state SET watched_until = now() - interval '1 second'`);

  it('is nobody’s before a run has read it for the first time', async () => {
    expect(await isAmong(one())).toBe(false);
    await read(machines(1));
    expect(await isAmong(one())).toBe(true);
  });

  it('is one worker’s, who renews it, however many want it at once', async () => {
    await read(machines(1));
    const workers = Array.from(
      { length: 8 },
      (_, number) => new InventoryWatches(database, `worker-${number}`, LEASE_MS),
    );
    const holders = async () => {
      const among = await Promise.all(workers.map(isAmong));
      return workers.filter((_, number) => among[number]);
    };
    const first = await holders();
    expect(first).toHaveLength(1);
    expect(await holders()).toEqual(first);
  });

  it('goes to another worker when its holder lets go or does not renew it', async () => {
    await read(machines(1));
    expect(await isAmong(one())).toBe(true);
    expect(await isAmong(other())).toBe(false);
    await leaseEnds();
    expect(await isAmong(other())).toBe(true);
    await other().release();
    expect(await isAmong(one())).toBe(true);
  });

  it('lets its holder write what it hears, and nobody else', async () => {
    await read(machines(2));
    await one().claim();
    const changed = machine(1, { power: 'off' });
    expect(await one().keep(id, change([changed, machine(0)]))).toBe(1);
    const gone = { ...change([]), gone: [{ moType: 'VirtualMachine', moRef: 'vm-0' }] };
    expect(await one().keep(id, gone)).toBe(1);
    expect(await kept()).toEqual(['vm-1']);

    await leaseEnds();
    await other().claim();
    await expect(one().keep(id, change([machine(7)]))).rejects.toThrow(WatchLost);
    await expect(one().keep(id, change([]))).rejects.toThrow(WatchLost);
    expect(await kept()).toEqual(['vm-1']);
  });

  it('confirms that nothing has changed without a new revision', async () => {
    await read(machines(1));
    await one().claim();
    const before = await book.revision(id);
    await database.query(`UPDATE inventory_state SET confirmed_at = now() - interval '1 hour'`);
    expect(await one().keep(id, change([]))).toBe(0);
    expect(await book.revision(id)).toBe(before);
    const health = (await inventoryHealth(database, [id])).get(id);
    expect(health).toMatchObject({ state: 'current', isWatched: true });
  });
});
