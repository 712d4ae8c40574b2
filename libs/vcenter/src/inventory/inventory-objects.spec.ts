import { describe, expect, it } from 'vitest';
import { DEVICES } from '../machines/devices';
import type { ObjectProperties, Properties } from '../properties/retrieve';
import { MoRef, type VimObject } from '../soap/vim-value';
import { InventoryObjects } from './inventory-objects';
import { InventoryTree } from './inventory-tree';

const object = (type: string, value: string, properties: Properties): ObjectProperties => ({
  object: new MoRef(type, value),
  properties: { name: value, ...properties },
  refused: new Map(),
});
const vmFolder = new MoRef('Folder', 'group-v3');
const AROUND = [
  object('Folder', 'group-d1', {}),
  object('Datacenter', 'dc-1', { parent: new MoRef('Folder', 'group-d1'), vmFolder }),
  object('Folder', 'group-v3', { name: 'vm', parent: new MoRef('Datacenter', 'dc-1') }),
];
const inventoryOf = (...objects: ObjectProperties[]) =>
  new InventoryObjects(new InventoryTree([...AROUND, ...objects])).all();
const machine = (properties: Properties) =>
  object('VirtualMachine', 'vm-9', { parent: vmFolder, ...properties });

describe('a machine of the inventory', () => {
  it('has the addresses of its own adapters, IPv6 ones too, link-local ones left out', () => {
    const mac = '00:50:56:AA:BB:CC';
    const [kept] = inventoryOf(
      machine({
        [DEVICES]: [{ $type: 'VirtualVmxnet3', key: 4000, macAddress: mac, backing: {} }],
        'guest.net': [
          {
            macAddress: mac,
            deviceConfigId: 4000,
            ipAddress: ['192.0.2.7', '2001:db8::7', 'fe80::1'],
          },
          { macAddress: '02:42:00:00:00:01', deviceConfigId: -1, ipAddress: ['172.17.0.1'] },
        ],
      }),
    ).filter(({ kind }) => kind === 'vm');
    expect(kept).toMatchObject({ path: '/dc-1/vm/vm-9', datacenter: 'dc-1', parent: 'group-v3' });
    expect(kept?.details).toMatchObject({
      addresses: ['192.0.2.7', '2001:db8::7'],
      macs: ['00:50:56:aa:bb:cc'],
      adapters: [{ network: null }],
    });
  });

  it('finds its networks by the key of a port group and by name', () => {
    const backing = (each: VimObject) => ({
      $type: 'VirtualE1000',
      macAddress: 'a',
      backing: each,
    });
    const found = inventoryOf(
      object('DistributedVirtualPortgroup', 'dvportgroup-5', { key: 'the-key' }),
      object('Network', 'network-6', { name: 'VM Network' }),
      machine({
        [DEVICES]: [
          { key: 1, ...backing({ port: { portgroupKey: 'the-key' } }) },
          { key: 2, ...backing({ deviceName: 'VM Network' }) },
        ],
      }),
    );
    const adapters = found.find(({ kind }) => kind === 'vm')?.details['adapters'];
    expect(adapters).toMatchObject([{ network: 'dvportgroup-5' }, { network: 'network-6' }]);
  });

  it('is one although vCenter cannot read its configuration', () => {
    const [kept] = inventoryOf(machine({})).filter(({ kind }) => kind === 'vm');
    expect(kept?.details).toMatchObject({ instanceUuid: null, power: 'off', macs: [], host: null });
  });

  it('of a vApp is in that', () => {
    const vApp = object('VirtualApp', 'resgroup-v7', { name: 'shop', parent: vmFolder });
    const inside = object('VirtualMachine', 'vm-8', { parentVApp: vApp.object });
    const [kept] = inventoryOf(vApp, inside).filter(({ kind }) => kind === 'vm');
    expect(kept).toMatchObject({ path: '/dc-1/vm/shop/vm-8', datacenter: 'dc-1' });
  });

  it('that is a template is of that kind', () => {
    const kinds = inventoryOf(machine({ 'config.template': true })).map(({ kind }) => kind);
    expect(kinds).toContain('template');
    expect(kinds).not.toContain('vm');
  });
});
