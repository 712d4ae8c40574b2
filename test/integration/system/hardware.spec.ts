import { randomUUID } from 'node:crypto';
import { type InventoryKind, InventoryPage, RunAccepted, SizeView } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { copyCatalog, pendingInput } from '../../support/catalog';
import { lookInVCenter } from '../../support/look-in-vcenter';
import { deploy, finished, logOf, machineInput, type Needed } from '../../support/machines';
import { type OwnApi, startOwnApi } from '../../support/own-api';
import { problemIn, type RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const GIB = 2 ** 30;

describe('a machine with hardware of its own', () => {
  it('has the size, disks and network adapters that were asked for', async () => {
    const system = await sharedSystem();
    const { client, needed, lab } = system;
    const size = { name: `hardware-${randomUUID()}`, cpus: 5, memoryMb: 3072, diskGb: 24 };
    await client.post('sizes', size, SizeView);
    const { cpus: _cpus, ...input } = machineInput(needed, lab, {
      hostname: 'hardware-01',
      memoryMb: 2560,
      extraDisks: [{ sizeGb: 7 }, { sizeGb: 9, datastore: 'LocalDS_1', thin: false }],
      network: { address: '127.77.170.1', stagingPortGroup: 'VM Network' },
      extraNetworks: [
        { portGroup: 'DC0_DVPG1', cidr: '127.77.171.0/24', address: '127.77.171.9' },
        { portGroup: 'VM Network' },
      ],
    });
    const run = await finished(client, await deploy(client, { ...input, size: size.name }));
    expect(run.failure).toBeNull();
    expect(run.request).not.toHaveProperty('size');
    expect(await logOf(client, run.id)).toContain(
      '5 CPUs, 2560 MiB of memory; first disk at least 24 GiB; further disks: 7 GiB, 9 GiB on LocalDS_1; ' +
        'network adapters on VM Network, DC0_DVPG1, VM Network.',
    );

    const moRef = async (kind: InventoryKind, name: string) => {
      const path = `vcenters/${needed.vcenterId}/inventory?kind=${kind}&name=${name}`;
      return (await client.get(path, InventoryPage)).items[0]?.moRef;
    };
    const { state } = await lookInVCenter(system, run.id);
    expect(state).toMatchObject({
      cpus: 5,
      memoryMb: 2560,
      firstDisk: { bytes: 24 * GIB },
      extraDisks: [
        { bytes: 7 * GIB, datastore: await moRef('datastore', 'LocalDS_0') },
        { bytes: 9 * GIB, datastore: await moRef('datastore', 'LocalDS_1') },
      ],
      adapters: [
        { portGroup: await moRef('network', 'DC0_DVPG0'), addresses: ['127.77.170.1'] },
        { portGroup: await moRef('network', 'DC0_DVPG1'), addresses: ['127.77.171.9'] },
        { portGroup: await moRef('network', 'VM Network'), addresses: [] },
      ],
    });

    // It may be asked for again: what was found out about the request is no part of it.
    const again = await client.post(`runs/${run.id}/relaunch`, {}, RunAccepted).catch(problemOf);
    expect(again).toMatchObject({ code: 'address-taken', heldBy: { name: 'hardware-01' } });
  });
});

describe('a request for hardware', () => {
  let own: OwnApi;
  let api: RawApi;
  let needed: Needed;
  let count = 0;

  beforeAll(async () => {
    own = await startOwnApi(inject('system'), 'hardware');
    api = own.admin;
    needed = await copyCatalog(inject('system'), own);
  });
  afterAll(() => own.stop());

  const ask = (change: object) => {
    const { cpus: _cpus, memoryMb: _memory, ...bare } = pendingInput(needed, ++count);
    return api.send('POST', 'deployments', { body: { ...bare, ...change } });
  };
  const sized = { cpus: 2, memoryMb: 2048 };
  const extraNetwork = { portGroup: 'DC0_DVPG1', cidr: '10.61.0.0/24', address: '10.61.0.5' };

  it.each([
    [400, ['cpus', 'memoryMb'], {}],
    [400, ['memoryMb'], { cpus: 2 }],
    [422, ['size'], { size: 'nobody made it' }],
    [400, ['extraDisks.0.sizeGb'], { ...sized, extraDisks: [{ sizeGb: 0 }] }],
    [400, ['extraDisks'], { ...sized, extraDisks: Array(13).fill({ sizeGb: 1 }) }],
    [
      422,
      ['extraDisks.1.datastore'],
      { ...sized, extraDisks: [{ sizeGb: 1 }, { sizeGb: 1, datastore: 'none' }] },
    ],
    [422, ['extraNetworks.0.portGroup'], { ...sized, extraNetworks: [{ portGroup: 'none' }] }],
    [
      400,
      ['extraNetworks.0.cidr'],
      { ...sized, extraNetworks: [{ ...extraNetwork, cidr: undefined }] },
    ],
    [
      400,
      ['extraNetworks.0.address'],
      { ...sized, extraNetworks: [{ ...extraNetwork, address: '10.62.0.1' }] },
    ],
    [
      400,
      ['extraNetworks.0.address', 'extraNetworks.1.address'],
      { ...sized, extraNetworks: [extraNetwork, extraNetwork] },
    ],
  ])('is answered %i when it is wrong in %j', async (status, paths, change) => {
    const answer = await ask(change);
    const { errors = [], remedy = '' } = problemIn(answer);
    expect([answer.status, errors.map(({ path }) => path)]).toEqual([status, paths]);
    expect(remedy.length).toBeGreaterThan(10);
  });

  it('reserves every address, and says who holds one that is taken', async () => {
    const networks = [extraNetwork, { portGroup: 'DC0_DVPG1' }];
    const first = await ask({ ...sized, extraNetworks: networks });
    expect(first.status).toBe(202);
    const second = await ask({ ...sized, extraNetworks: [extraNetwork] });
    expect(problemIn(second)).toMatchObject({
      code: 'address-taken',
      heldBy: { type: 'run', id: (first.body as { id: string }).id },
      errors: [{ path: 'extraNetworks', message: expect.stringContaining('10.61.0.5') }],
    });
    const network = {
      ...pendingInput(needed, ++count).network,
      ...extraNetwork,
      gateway: undefined,
    };
    expect(problemIn(await ask({ ...sized, network }))).toMatchObject({
      errors: [{ path: 'network.address' }],
    });
  });

  it('may name a size, and say otherwise in part', async () => {
    const size = { name: 'medium', cpus: 4, memoryMb: 8192, diskGb: 80 };
    expect((await api.send('POST', 'sizes', { body: size })).status).toBe(201);
    const { id } = (await ask({ size: 'medium', memoryMb: 4096 })).body as { id: string };
    const { request } = (await api.send('GET', `runs/${id}`)).body as { request: object };
    expect(request).toMatchObject({ cpus: 4, memoryMb: 4096, diskGb: 80 });
    expect(request).not.toHaveProperty('size');
  });

  it('is refused above the limits of its template, each field by its name', async () => {
    const limits = { cpus: 4, memoryMb: 8192, diskGb: 100, extraDisks: 2, extraNetworks: 0 };
    const input = { vcenterId: needed.vcenterId, template: 'debian-12', limits };
    const made = await api.send('POST', 'template-profiles', { body: input });
    expect(made.body).toMatchObject({ limits });
    const profile = `template-profiles/${(made.body as { id: string }).id}`;
    const refused = async (change: object) => {
      const { code, errors = [], remedy } = problemIn(await ask(change));
      expect([code, remedy]).toEqual(['above-limit', expect.stringContaining('debian-12')]);
      return errors.map(({ path }) => path);
    };
    const most = { cpus: 4, memoryMb: 8192, diskGb: 100 };
    expect((await ask({ ...most, extraDisks: [{ sizeGb: 100 }, { sizeGb: 1 }] })).status).toBe(202);
    expect(await refused({ cpus: 5, memoryMb: 8196, diskGb: 101 })).toEqual(Object.keys(most));
    const extraDisks = [{ sizeGb: 1 }, { sizeGb: 101 }, { sizeGb: 1 }];
    expect(
      await refused({ ...most, extraDisks, extraNetworks: [{ portGroup: 'DC0_DVPG1' }] }),
    ).toEqual(['extraDisks', 'extraDisks.1.sizeGb', 'extraNetworks']);
    const large = { name: 'large', cpus: 16, memoryMb: 4096 };
    await api.send('POST', 'sizes', { body: large });
    expect(await refused({ size: 'large' })).toEqual(['size']);
    const raised = await api.send('PATCH', profile, { body: { limits: { cpus: 16 } } });
    expect(raised.body).toMatchObject({ limits: { cpus: 16 } });
    expect((await ask({ size: 'large' })).status).toBe(202);
    expect((await api.send('DELETE', profile)).status).toBe(204);
  });

  it('finds sizes that are kept by name', async () => {
    const body = { name: 'small', cpus: 1, memoryMb: 1024 };
    const made = (await api.send('POST', 'sizes', { body })).body as { id: string };
    expect(made).toMatchObject({ ...body, description: '', diskGb: null });
    expect(problemIn(await api.send('POST', 'sizes', { body })).code).toBe('name-taken');
    const path = `sizes/${made.id}`;
    const changed = await api.send('PUT', path, { body: { ...body, cpus: 2 } });
    expect(changed.body).toEqual({ ...made, cpus: 2 });
    expect((await api.send('GET', path)).body).toEqual(changed.body);
    const taken = await api.send('PUT', path, { body: { ...body, name: 'medium' } });
    expect(problemIn(taken).code).toBe('name-taken');
    const names = async () => {
      const { items } = (await api.send('GET', 'sizes')).body as { items: { name: string }[] };
      return items.map(({ name }) => name);
    };
    expect(await names()).toEqual(['large', 'medium', 'small']);
    expect((await api.send('DELETE', path)).status).toBe(204);
    expect((await api.send('DELETE', path)).status).toBe(404);
    expect(await names()).toEqual(['large', 'medium']);
    const wrong = await api.send('POST', 'sizes', { body: { ...body, cpus: 0, ram: 5 } });
    expect(
      problemIn(wrong)
        .errors?.map((error) => error.path)
        .toSorted(),
    ).toEqual(['cpus', 'ram']);
  });
});

function problemOf(error: unknown): unknown {
  return error instanceof Error && 'problem' in error ? error.problem : error;
}
