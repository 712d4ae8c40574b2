import {
  AddressUse,
  MachineAddressesPage,
  NetworkProfileView,
  RunAccepted,
  RunView,
} from '@diaken/contracts';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import type { Needed } from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { problemIn } from '../../support/raw-api';

interface Adapter {
  readonly mac: string;
  readonly network: string | null;
  readonly addresses: readonly string[];
}

let own: OwnApi;
let needed: Needed;
let elsewhere: string;

beforeAll(async () => {
  own = await startOwnApi(inject('system'), 'addresses');
  needed = await copyCatalog(inject('system'), own);
  const other = await own.admin.send('POST', 'vcenters', {
    body: { name: 'Other', url: 'https://other.example/sdk', username: 'u', password: 'p' },
  });
  elsewhere = (other.body as { id: string }).id;
  await withDatabase(own.databaseUrl, (database) =>
    database.query("DELETE FROM inventory_object WHERE kind = 'vm'"),
  );
  const { vcenterId } = needed;
  await network(vcenterId, 'network-900', 'Blue');
  await network(elsewhere, 'network-900', 'Green');
  await machine(vcenterId, 'vm-901', 'Web-01', 'web-01.example.net', [
    { mac: '00:50:56:ab:00:01', network: 'network-900', addresses: ['10.40.0.5', 'fd00::5'] },
    { mac: '00:50:56:ab:00:02', network: null, addresses: [] },
  ]);
  await machine(vcenterId, 'vm-902', 'db-01', 'postgres.example.net', [
    { mac: '00:50:56:ab:01:03', network: 'network-900', addresses: ['10.40.0.50', '10.40.0.51'] },
  ]);
  await machine(elsewhere, 'vm-901', 'Web-01', null, [
    { mac: '00:50:57:00:00:01', network: 'network-900', addresses: ['10.41.0.5'] },
  ]);
  await machine(elsewhere, 'vm-903', '=cmd|calc', null, []);
});
afterAll(() => own.stop());

const insert = (
  vcenterId: string,
  columns: { moType: string; moRef: string; kind: string; name: string; details: object },
) =>
  withDatabase(own.databaseUrl, (database) =>
    database.query(
      `INSERT INTO inventory_object (vcenter_id, mo_type, mo_ref, kind, name, path, details)
       VALUES ($1, $2, $3, $4, $5, $5, $6)`,
      [vcenterId, columns.moType, columns.moRef, columns.kind, columns.name, columns.details],
    ),
  );
const network = (vcenterId: string, moRef: string, name: string) =>
  insert(vcenterId, { moType: 'Network', moRef, kind: 'network', name, details: {} });
const machine = (
  vcenterId: string,
  moRef: string,
  ...[name, guestHostName, adapters]: [string, string | null, readonly Adapter[]]
) =>
  insert(vcenterId, {
    ...{ moType: 'VirtualMachine', moRef, kind: 'vm', name },
    details: {
      ...{ power: 'on', guestHostName, adapters },
      addresses: adapters.flatMap(({ addresses }) => addresses),
      macs: adapters.map(({ mac }) => mac),
    },
  });
const list = async (query: string) => {
  const answer = await own.admin.send('GET', `addresses${query}`);
  expect(answer.status, answer.text).toBe(200);
  return MachineAddressesPage.parse(answer.body);
};
const found = async (query: string) =>
  (await list(query)).items.map(({ moRef, vcenterId }) =>
    vcenterId === elsewhere ? `${moRef} elsewhere` : moRef,
  );
const ALL = ['vm-903 elsewhere', 'vm-902', 'vm-901', 'vm-901 elsewhere'];

describe('the addresses of all machines', () => {
  it('are listed with their machine, adapter and network', async () => {
    const { items, next } = await list(`?vcenterId=${needed.vcenterId}&search=web-01`);
    expect(next).toBeNull();
    expect(items).toEqual([
      {
        vcenterId: needed.vcenterId,
        moRef: 'vm-901',
        name: 'Web-01',
        power: 'on',
        guestHostName: 'web-01.example.net',
        adapters: [
          {
            mac: '00:50:56:ab:00:01',
            network: { moRef: 'network-900', name: 'Blue' },
            addresses: ['10.40.0.5', 'fd00::5'],
          },
          { mac: '00:50:56:ab:00:02', network: null, addresses: [] },
        ],
      },
    ]);
  });

  it.each([
    ['an address, and not one that begins with it', '10.40.0.5', ['vm-901']],
    ['the beginning of an address', '10.40.', ['vm-902', 'vm-901']],
    ['a MAC with colons', '00:50:56:AB:01:03', ['vm-902']],
    ['a MAC with hyphens', '00-50-56-ab-01-03', ['vm-902']],
    ['a MAC with dots', '0050.56ab.0103', ['vm-902']],
    ['a MAC without separators', '005056ab0103', ['vm-902']],
    ['a part of a MAC', '56:ab:00', ['vm-901']],
    ['a part of a name, in any case', 'WEB', ['vm-901', 'vm-901 elsewhere']],
    ['a part of what a guest calls itself', 'postgres', ['vm-902']],
    ['what means something to a database', '%', []],
  ])('are found by %s', async (_what, search, expected) => {
    const answer = await found(`?search=${encodeURIComponent(search)}`);
    expect(answer.toSorted()).toEqual(expected.toSorted());
  });

  it('are found by network, name or MoRef, each in its own vCenter', async () => {
    expect((await found('?network=Blue')).toSorted()).toEqual(['vm-901', 'vm-902']);
    expect(await found('?network=Green')).toEqual(['vm-901 elsewhere']);
    expect(await found(`?network=network-900&vcenterId=${elsewhere}`)).toEqual([
      'vm-901 elsewhere',
    ]);
  });

  it('are paged without losing machines of one name and reference', async () => {
    const pages: string[] = [];
    let cursor = '';
    do {
      const page = await list(`?limit=1${cursor}`);
      pages.push(...page.items.map(({ moRef, vcenterId }) => `${moRef} ${vcenterId}`));
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(new Set(pages).size).toBe(4);
    expect(pages).toHaveLength(4);
    expect((await found('')).toSorted()).toEqual(ALL.toSorted());
  });

  it('come as a CSV, a line for each, that no spreadsheet takes for formulas', async () => {
    const answer = await own.admin.send('GET', 'addresses/csv');
    expect(answer.headers.get('Content-Type')).toContain('text/csv');
    expect(answer.headers.get('Content-Disposition')).toContain('addresses.csv');
    const rows: Record<string, string>[] = parse(answer.text, { columns: true });
    expect(rows).toHaveLength(7);
    expect(rows).toContainEqual({
      machine: 'db-01',
      guestHostName: 'postgres.example.net',
      power: 'on',
      address: '10.40.0.51',
      mac: '00:50:56:ab:01:03',
      network: 'Blue',
      moRef: 'vm-902',
      vcenterId: needed.vcenterId,
    });
    expect(rows.map((row) => row['machine'])).toContain("'=cmd|calc");
    const some = await own.admin.send('GET', 'addresses/csv?search=10.41.0.5');
    expect(parse(some.text, { columns: true })).toHaveLength(1);
  });

  it.each([
    ['?search=', 'search'],
    ['?vcenterId=x', 'vcenterId'],
    ['?mac=00', 'mac'],
    ['/csv?limit=1', 'limit'],
  ])('are not listed with %s', async (query, path) => {
    const problem = problemIn(await own.admin.send('GET', `addresses${query}`));
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });
});

describe('an address that a machine in vCenter reports', () => {
  it('is shown so in the network profile, and given to nobody who names none', async () => {
    const made = await own.admin.send('POST', 'network-profiles', {
      body: {
        name: 'Seen',
        portGroups: [{ vcenterId: needed.vcenterId, portGroup: 'DC0_DVPG0' }],
        cidr: '10.40.0.0/24',
        ranges: [{ first: '10.40.0.4', last: '10.40.0.6' }],
      },
    });
    const { id } = NetworkProfileView.parse(made.body);
    const ask = async (number: number) => {
      const body = { ...pendingInput(needed, number), network: { profileId: id } };
      const accepted = await own.admin.send('POST', 'deployments', { body });
      const path = `runs/${RunAccepted.parse(accepted.body).id}`;
      return RunView.parse((await own.admin.send('GET', path)).body).request['network'];
    };
    expect(await ask(1)).toMatchObject({ address: '10.40.0.4' });
    expect(await ask(2)).toMatchObject({ address: '10.40.0.6' });
    const use = AddressUse.parse(
      (await own.admin.send('GET', `network-profiles/${id}/addresses`)).body,
    );
    expect(use.items.map(({ address, state }) => `${address} ${state}`)).toEqual([
      ...['10.40.0.4 reserved', '10.40.0.5 seen', '10.40.0.6 reserved'],
      ...['10.40.0.50 seen', '10.40.0.51 seen'],
    ]);
    expect(use.items[1]?.machine).toEqual({
      vcenterId: needed.vcenterId,
      moRef: 'vm-901',
      name: 'Web-01',
    });
    expect(use.counts).toMatchObject({ free: 0, reserved: 2, seen: 3 });
  });
});
