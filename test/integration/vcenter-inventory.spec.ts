import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { InventoryKind, InventoryObject } from '@diaken/contracts';
import { type Lab, startLab } from '@diaken/lab';
import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ID = 'lab';
const GIB = 2 ** 30;

let lab: Lab;
let stateFolder: string;
let access: VCenterAccess;
let vcenter: VsphereVCenter;
let inventory: readonly InventoryObject[];

/** Knows the lab alone. */
class LabDirectory extends VCenterDirectory {
  override async find(): Promise<VCenterAccess> {
    return access;
  }
}

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'vcenter-'));
  lab = await startLab({ root: ROOT, stateFolder, taskTimeMs: 100, guests: false });
  const tls = { mode: 'pin', sha256: lab.certificateSha256 } as const;
  const { url, username, password } = lab;
  access = { id: ID, name: 'Lab', url, username, password, tls, revision: '1' };
  vcenter = new VsphereVCenter(new LabDirectory());
  inventory = await read();
}, 180_000);

afterAll(async () => {
  await vcenter?.close();
  await lab?.stop();
  await rm(stateFolder, { recursive: true, force: true });
});

const signal = (timeoutMs = 30_000) => AbortSignal.timeout(timeoutMs);
const read = async () => (await vcenter.readInventory(ID, signal())).objects;

/** The object of this kind and path. */
function object(kind: InventoryKind, path: RegExp): InventoryObject {
  const found = inventory.find((each) => each.kind === kind && path.test(each.path));
  if (!found) throw new Error(`The lab has no ${kind} ${path.source}`);
  return found;
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await what());) {
    if (Date.now() > end) throw new Error('It did not happen within 10 s');
    await new Promise((next) => setTimeout(next, 50));
  }
}

describe('a vCenter’s inventory', () => {
  it('names every object with its kind, path and datacenter', () => {
    const cluster = object('cluster', /C0$/).moRef;
    const datacenter = object('datacenter', /DC0$/).moRef;
    expect(inventory.filter((each) => each.datacenter !== datacenter)).toEqual([]);
    expect(inventory.filter((each) => /DVUplinks/.test(each.name))).toEqual([]);
    expect(inventory).toContainEqual(
      expect.objectContaining({ kind: 'folder', path: '/DC0/vm', details: { root: true } }),
    );
    expect(inventory).toContainEqual(
      expect.objectContaining({
        kind: 'resource-pool',
        path: '/DC0/host/DC0_C0/Resources',
        parent: cluster,
        details: { root: true, owner: cluster },
      }),
    );
  });

  it('describes templates, datastores and networks', () => {
    expect(object('template', /\/debian-12$/).details).toMatchObject({
      guestFullName: 'Debian GNU/Linux 12 (64-bit)',
      diskBytes: 16 * GIB,
      cpus: 2,
      memoryMb: 2048,
      power: 'off',
    });
    expect(object('datastore', /LocalDS_0$/).details).toEqual({
      capacityBytes: expect.any(Number),
      freeBytes: expect.any(Number),
      accessible: true,
    });
    const networks = inventory.filter(({ kind }) => kind === 'network');
    expect(networks.map(({ details }) => details['distributed'])).toEqual(
      expect.arrayContaining([true, false]),
    );
  });
});

describe('the machines of an inventory', () => {
  it('have their identity, power, addresses and hardware addresses', async () => {
    let machine: InventoryObject | undefined;
    // Their guests report a moment after the lab has started.
    await until(async () => {
      machine = (await read()).find(({ name }) => name === 'DC0_C0_RP0_VM0');
      return machine?.details['toolsRunning'] === true;
    });
    const mac = expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    const address = expect.stringMatching(/^198\.1[89]\./);
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(machine).toMatchObject({
      ...{ kind: 'vm', moType: 'VirtualMachine' },
      details: {
        ...{ instanceUuid: uuid, biosUuid: uuid, power: 'on', toolsRunning: true },
        ...{ addresses: [address], macs: [mac], host: expect.stringMatching(/^host-/) },
        adapters: [{ mac, network: object('network', /DVPG0$/).moRef, addresses: [address] }],
      },
    });
  });

  it('run on hosts, which tell the datastores and networks within reach', () => {
    const host = object('host', /\/DC0_C0\//);
    expect(host.details).toMatchObject({
      ...{ connected: true, inMaintenance: false },
      datastores: expect.arrayContaining([object('datastore', /LocalDS_0$/).moRef]),
      networks: expect.arrayContaining([object('network', /DVPG0$/).moRef]),
    });
    expect(host.parent).toBe(object('cluster', /C0$/).moRef);
  });

  it('are those that vCenter lists', async () => {
    const listed = await vcenter.listMachines(ID, signal());
    const kept = inventory.filter(({ kind }) => kind === 'vm');
    expect(kept.map(({ moRef }) => moRef).toSorted()).toEqual(
      listed.map(({ moRef }) => moRef).toSorted(),
    );
  });
});
