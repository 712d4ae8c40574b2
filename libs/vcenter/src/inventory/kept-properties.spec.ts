import { describe, expect, it } from 'vitest';
import { DEVICES } from '../machines/devices';
import { MoRef } from '../soap/vim-value';
import { kept } from './kept-properties';

const machine = (properties: object) => ({
  object: new MoRef('VirtualMachine', 'vm-1'),
  properties: { ...properties },
  refused: new Map(),
});

describe('what is kept of an object', () => {
  it('is of its devices the adapters and disks, with what the inventory needs', () => {
    const network = new MoRef('Network', 'network-1');
    const devices = [
      { $type: 'VirtualCdrom', key: 3000 },
      {
        ...{ $type: 'VirtualVmxnet3', key: 4000, macAddress: '00:50:56:AA:BB:CC' },
        ...{ wakeOnLanEnabled: true, deviceInfo: { label: 'Network adapter 1', summary: '' } },
        backing: { $type: 'Backing', network, deviceName: 'VM Network', useAutoDetect: false },
      },
      { $type: 'VirtualDisk', key: 2000, capacityInKB: 1024, backing: { fileName: '[ds] a.vmdk' } },
    ];
    expect(kept(machine({ [DEVICES]: devices })).properties[DEVICES]).toEqual([
      {
        ...{ $type: 'VirtualVmxnet3', key: 4000, macAddress: '00:50:56:AA:BB:CC' },
        backing: { network, deviceName: 'VM Network' },
      },
      { $type: 'VirtualDisk', key: 2000, capacityInKB: 1024 },
    ]);
  });

  it('is all of what is small', () => {
    const properties = {
      name: 'web01',
      parent: new MoRef('Folder', 'group-v3'),
      'config.template': false,
      'config.hardware.numCPU': 2,
    };
    expect(kept(machine(properties)).properties).toEqual(properties);
  });
});
