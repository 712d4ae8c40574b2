import { once } from 'node:events';
import { createServer } from 'node:net';
import { AddressUse, NetworkProfileView, RunAccepted, RunView } from '@diaken/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { deploy, finished, machineInput, type Needed, onGuest } from '../../support/machines';
import { type OwnApi, startOwnApi, withDatabase } from '../../support/own-api';
import { type Answer, problemIn } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const NOBODY = '0f0e0d0c-0b0a-4900-8000-00000000000f';

describe('a network profile', () => {
  let own: OwnApi;
  let needed: Needed;
  let count = 0;

  beforeAll(async () => {
    own = await startOwnApi(inject('system'), 'networks');
    needed = await copyCatalog(inject('system'), own);
  });
  beforeEach(() => withDatabase(own.databaseUrl, (database) => database.query('DELETE FROM run')));
  afterAll(() => own.stop());

  const profile = (more: object = {}) => ({
    name: `Servers ${++count}`,
    portGroups: [{ vcenterId: needed.vcenterId, portGroup: 'DC0_DVPG0' }],
    cidr: '10.70.0.0/24',
    gateway: '10.70.0.1',
    dns: ['10.70.0.2', '10.70.0.3'],
    domain: 'example.net',
    ...more,
  });
  async function create(more: object = {}): Promise<NetworkProfileView> {
    const answer = await own.admin.send('POST', 'network-profiles', { body: profile(more) });
    expect(answer.status).toBe(201);
    return NetworkProfileView.parse(answer.body);
  }
  const ask = (network: object) =>
    own.admin.send('POST', 'deployments', { body: { ...pendingInput(needed, ++count), network } });
  async function networkOf(answer: Answer): Promise<Record<string, unknown>> {
    const { id } = RunAccepted.parse(answer.body);
    const run = RunView.parse((await own.admin.send('GET', `runs/${id}`)).body);
    return run.request['network'] as Record<string, unknown>;
  }
  const useOf = async (id: string, query = '') =>
    AddressUse.parse(
      (await own.admin.send('GET', `network-profiles/${id}/addresses${query}`)).body,
    );

  it('gives a machine all of its network, and the next free address', async () => {
    const { vcenterId } = needed;
    const portGroups = [{ vcenterId, portGroup: 'DC0_DVPG0', stagingPortGroup: 'VM Network' }];
    const exclusions = [{ first: '10.70.0.4', last: '10.70.0.6' }];
    const { id } = await create({ portGroups, exclusions });
    expect(await networkOf(await ask({ profileId: id }))).toEqual({
      portGroup: 'DC0_DVPG0',
      stagingPortGroup: 'VM Network',
      cidr: '10.70.0.0/24',
      gateway: '10.70.0.1',
      dns: ['10.70.0.2', '10.70.0.3'],
      domain: 'example.net',
      address: '10.70.0.7',
    });
  });

  it('tells a check of a request which address would be next, and reserves none', async () => {
    const { id } = await create({ ranges: [{ first: '10.70.0.9', last: '10.70.0.9' }] });
    const check = async () => {
      const body = { ...pendingInput(needed, ++count), network: { profileId: id } };
      const answer = await own.admin.send('POST', 'deployments/preflight', { body });
      const path = `runs/${RunAccepted.parse(answer.body).id}`;
      return RunView.parse((await own.admin.send('GET', path)).body).request;
    };
    expect(await check()).toMatchObject({ network: { address: '10.70.0.9' }, refusal: null });
    expect((await ask({ profileId: id })).status).toBe(202);
    expect(await check()).toMatchObject({ placement: null, refusal: { code: 'no-free-address' } });
  });

  it('gives a run that is started again the next free address', async () => {
    const { id } = await create({ ranges: [{ first: '10.70.0.20', last: '10.70.0.21' }] });
    const first = RunAccepted.parse((await ask({ profileId: id })).body);
    await own.admin.send('POST', `runs/${first.id}/cancel`, { body: {} });
    expect((await networkOf(await ask({ profileId: id })))['address']).toBe('10.70.0.20');
    const again = await own.admin.send('POST', `runs/${first.id}/relaunch`);
    expect((await networkOf(again))['address']).toBe('10.70.0.21');
  });

  it('lets a request choose its address, and differ in gateway and DNS', async () => {
    const { id } = await create();
    const wish = { profileId: id, address: '10.70.0.77', gateway: '10.70.0.254', dns: [] };
    expect(await networkOf(await ask(wish))).toMatchObject({
      address: '10.70.0.77',
      gateway: '10.70.0.254',
      dns: [],
      domain: 'example.net',
    });
  });

  it('gives 50 requests at once 50 addresses in a row', async () => {
    const { id } = await create({ ranges: [{ first: '10.70.0.100', last: '10.70.0.199' }] });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask({ profileId: id })));
    const networks = await Promise.all(answers.map(networkOf));
    const given = networks.map(({ address }) => Number(String(address).split('.')[3]));
    expect(given.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => 100 + index),
    );
  });

  it('gives no address twice when others name the next ones, and another profile overlaps', async () => {
    const one = await create({ ranges: [{ first: '10.70.0.10', last: '10.70.0.60' }] });
    const wide = { cidr: '10.70.0.0/16', ranges: [{ first: '10.70.0.10', last: '10.70.0.60' }] };
    const other = await create(wide);
    const answers = await Promise.all(
      Array.from({ length: 36 }, (_, index) =>
        ask(
          index % 3 === 0
            ? { profileId: one.id, address: `10.70.0.${10 + index}` }
            : { profileId: index % 3 === 1 ? one.id : other.id },
        ),
      ),
    );
    const taken = answers.filter(({ status }) => status === 202);
    const networks = await Promise.all(taken.map(networkOf));
    const given = networks.map(({ address }) => address);
    expect(new Set(given).size).toBe(given.length);
    // Only who has named an address can have come too late for it.
    expect(taken.length).toBeGreaterThanOrEqual(24);
    const refused = answers.filter(({ status }) => status !== 202);
    refused.forEach((answer) => expect(problemIn(answer).code).toBe('address-taken'));
  });

  it('says when all of its addresses are taken, and gives one again once it is free', async () => {
    const { id } = await create({ ranges: [{ first: '10.70.0.10', last: '10.70.0.11' }] });
    const first = RunAccepted.parse((await ask({ profileId: id })).body);
    await ask({ profileId: id });
    const refused = problemIn(await ask({ profileId: id }));
    expect(refused).toMatchObject({
      status: 409,
      code: 'no-free-address',
      errors: [{ path: 'network.address' }],
    });
    expect(refused.remedy).toContain('ranges');
    await own.admin.send('POST', `runs/${first.id}/cancel`, { body: {} });
    expect((await networkOf(await ask({ profileId: id })))['address']).toBe('10.70.0.10');
  });

  it('answers the same run for the same key, and takes one address for it', async () => {
    const { id } = await create();
    const body = { ...pendingInput(needed, ++count), network: { profileId: id } };
    const headers = { 'Idempotency-Key': 'network-1' };
    const send = () => own.admin.send('POST', 'deployments', { body, headers });
    const answers = await Promise.all([send(), send(), send()]);
    const ids = answers.map((answer) => RunAccepted.parse(answer.body).id);
    expect(new Set(ids).size).toBe(1);
    expect((await useOf(id)).counts).toMatchObject({ reserved: 1 });
  });

  it('shows who has which address', async () => {
    const ranges = [{ first: '10.70.0.1', last: '10.70.0.8' }];
    const { id } = await create({ ranges });
    const run = RunAccepted.parse((await ask({ profileId: id })).body);
    await ask({ profileId: id, address: '10.70.0.200' });
    const use = await useOf(id);
    expect(use.counts).toEqual({ free: 4, reserved: 2, host: 0, seen: 0, excluded: 3 });
    expect(use.items.map(({ address, state }) => `${address} ${state}`)).toEqual([
      ...['10.70.0.1 excluded', '10.70.0.2 excluded', '10.70.0.3 excluded', '10.70.0.4 reserved'],
      ...['10.70.0.5 free', '10.70.0.6 free', '10.70.0.7 free', '10.70.0.8 free'],
      '10.70.0.200 reserved',
    ]);
    expect(use.items[3]?.holder).toMatchObject({ type: 'run', id: run.id });
    const free = await useOf(id, '?state=free&limit=3');
    expect(free.items.map(({ address }) => address)).toEqual([
      ...['10.70.0.5', '10.70.0.6', '10.70.0.7'],
    ]);
    const rest = await useOf(id, `?state=free&limit=3&cursor=${free.next}`);
    expect(rest).toMatchObject({ items: [{ address: '10.70.0.8' }], next: null });
  });

  it.each([
    [{ gateway: '10.71.0.1' }, 'gateway', 'not an address that a host of'],
    [{ exclusions: [{ first: '10.70.0.0', last: '10.70.0.5' }] }, 'exclusions.0.first', 'not an'],
    [{ ranges: [{ first: '10.70.0.9', last: '10.70.0.8' }] }, 'ranges.0', 'before it begins'],
    [
      {
        ranges: [
          { first: '10.70.0.5', last: '10.70.0.9' },
          { first: '10.70.0.9', last: '10.70.0.12' },
        ],
      },
      'ranges.1',
      'overlaps range 0',
    ],
    [{ cidr: '10.0.0.0/8', gateway: undefined }, 'ranges', '65534 at most'],
    [{ cidr: '10.70.0.1/24' }, 'cidr', 'first address'],
    [{ dns: ['10.70.0.2', 'dns'] }, 'dns.1', 'IPv4'],
    [{ portGroups: [] }, 'portGroups', '>=1'],
    [{ vlan: 4095 }, 'vlan', '<=4094'],
  ])('refuses %j', async (wrong, path, message) => {
    const answer = await own.admin.send('POST', 'network-profiles', { body: profile(wrong) });
    const problem = problemIn(answer);
    expect(problem.status).toBe(400);
    expect(problem.errors).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('refuses a vCenter that is not there, and one that is named twice', async () => {
    const unknown = { vcenterId: NOBODY, portGroup: 'x' };
    const answer = await own.admin.send('POST', 'network-profiles', {
      body: profile({ portGroups: [unknown] }),
    });
    expect(problemIn(answer)).toMatchObject({
      status: 422,
      errors: [{ path: 'portGroups.0.vcenterId' }],
    });
    const again = await own.admin.send('POST', 'network-profiles', {
      body: profile({ portGroups: [unknown, unknown] }),
    });
    expect(problemIn(again).errors?.[0]?.path).toBe('portGroups.1.vcenterId');
  });

  it.each([
    [{ cidr: '10.70.0.0/24' }, 'network.cidr', 'comes from the network profile'],
    [{ address: '10.99.0.1' }, 'network.address', 'outside its network'],
    [{ address: '10.70.0.2' }, 'network.address', 'is kept from machines'],
  ])('refuses a request that says %j beside it', async (more, path, message) => {
    const { id } = await create();
    const problem = problemIn(await ask({ profileId: id, ...more }));
    expect(problem.errors).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('refuses a machine in a vCenter that it names no port group of', async () => {
    const other = await own.admin.send('POST', 'vcenters', {
      body: { name: 'Other', url: 'https://other.example/sdk', username: 'u', password: 'p' },
    });
    const { id: vcenterId } = other.body as { id: string };
    const { id } = await create({ portGroups: [{ vcenterId, portGroup: 'x' }] });
    const problem = problemIn(await ask({ profileId: id }));
    expect(problem.errors).toMatchObject([{ path: 'network.profileId' }]);
    expect(problem.detail).toContain('names no port group of this vCenter');
  });

  it('is needed, or all that it would say', async () => {
    const problem = problemIn(await ask({ gateway: '10.70.0.1' }));
    const paths = problem.errors?.map(({ path }) => path);
    expect(paths).toEqual(['network.portGroup']);
    const rest = problemIn(await ask({ portGroup: 'DC0_DVPG0' }));
    expect(rest.errors?.map(({ path }) => path)).toEqual(['network.cidr', 'network.address']);
    expect(problemIn(await ask({ profileId: NOBODY }))).toMatchObject({ code: 'unknown-object' });
  });

  it('is changed, listed and removed; a name is one profile’s', async () => {
    const made = await create();
    const path = `network-profiles/${made.id}`;
    const changed = { ...profile({ description: 'New.', vlan: 12 }), name: made.name };
    const put = await own.admin.send('PUT', path, { body: changed });
    expect(NetworkProfileView.parse(put.body)).toMatchObject({
      ...{ id: made.id, description: 'New.', vlan: 12 },
    });
    const twin = await own.admin.send('POST', 'network-profiles', { body: changed });
    expect(problemIn(twin).code).toBe('name-taken');
    const { items } = (await own.admin.send('GET', 'network-profiles?limit=200')).body as {
      items: unknown[];
    };
    expect(items).toContainEqual(put.body);
    expect((await own.admin.send('DELETE', path)).status).toBe(204);
    expect((await own.admin.send('GET', path)).status).toBe(404);
  });
});

describe('a machine whose address somebody else uses', () => {
  it('is not made, although nobody had told of them', async () => {
    const { client, needed, lab } = await sharedSystem();
    const address = '127.77.102.1';
    const squatter = createServer().listen(lab.sshPort, address);
    await once(squatter, 'listening');
    try {
      const input = machineInput(needed, lab, { hostname: 'squatted-01', network: { address } });
      const run = await finished(client, await deploy(client, input));
      expect(run.failure).toMatchObject({ step: 'preflight', code: 'address-taken' });
      expect(run.failure?.message).toContain(`takes connections on port ${lab.sshPort}`);
    } finally {
      squatter.close();
    }
  });
});

describe('a machine on a network profile', () => {
  it('has its prefix, its gateway and both DNS servers in the guest', async () => {
    const system = await sharedSystem();
    const { client, needed, lab } = system;
    const { vcenterId } = needed;
    const { id } = await client.post(
      'network-profiles',
      {
        name: 'Lab 100',
        portGroups: [{ vcenterId, portGroup: 'DC0_DVPG1', stagingPortGroup: 'VM Network' }],
        cidr: '127.77.100.0/22',
        gateway: '127.77.103.254',
        dns: ['127.77.103.2', '127.77.103.3'],
        domain: 'net.example',
        ranges: [{ first: '127.77.100.5', last: '127.77.100.9' }],
      },
      NetworkProfileView,
    );
    const { network: _explicit, ...machine } = machineInput(needed, lab, {
      hostname: 'profile-01',
      network: { address: '' },
    });
    const input = { ...machine, network: { profileId: id } };
    const run = await finished(client, await deploy(client, input));
    expect(run.failure).toBeNull();

    const seen = await onGuest(
      system,
      '127.77.100.5',
      'ip -4 addr show dev eth0; ip route show default; cat /etc/resolv.conf; hostname -f',
    );
    expect(seen).toContain('inet 127.77.100.5/22');
    expect(seen).toContain('default via 127.77.103.254');
    expect(seen).toMatch(/nameserver 127\.77\.103\.2\s+nameserver 127\.77\.103\.3/);
    expect(seen).toContain('profile-01.net.example');
    const use = await client.get(`network-profiles/${id}/addresses?state=host`, AddressUse);
    expect(use.items).toMatchObject([
      { address: '127.77.100.5', holder: { type: 'host', name: 'profile-01' } },
    ]);
  });
});
