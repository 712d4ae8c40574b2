import { describe, expect, it } from 'vitest';
import { serialize } from '../soap/serialize';
import { MoRef, type VimObject } from '../soap/vim-value';
import { HARDWARE_PATHS, hardwareSpec } from './hardware-spec';

const RUN = '0f0e0d0c-0b0a-4900-8000-00000000000a';
const GIB = 2 ** 30;
const machine = { moRef: 'vm-1', instanceUuid: RUN, biosUuid: '' };

const network = (deviceName: string): VimObject => ({
  $type: 'VirtualEthernetCardNetworkBackingInfo',
  deviceName,
});
const scsi = { $type: 'ParaVirtualSCSIController', key: 1000, busNumber: 0, scsiCtlrUnitNumber: 7 };
const disk = (unitNumber: number, gb: number): VimObject => ({
  $type: 'VirtualDisk',
  key: 2000 + unitNumber,
  backing: {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: `[DS0] web/${unitNumber}.vmdk`,
    diskMode: 'persistent',
  },
  controllerKey: 1000,
  unitNumber,
  capacityInKB: gb * 2 ** 20,
  capacityInBytes: gb * GIB,
});
const adapter = (key: number, name: string): VimObject => ({
  $type: 'VirtualE1000e',
  key,
  backing: network(name),
  connectable: { startConnected: true, connected: false, allowGuestControl: true },
});

const seen = (devices: readonly VimObject[], more: VimObject = {}): VimObject => ({
  'config.hardware.device': devices,
  'config.extraConfig': [],
  'config.changeVersion': '2026-11-22T00:00:00Z',
  'config.hardware.numCPU': 2,
  'config.hardware.memoryMB': 2048,
  'config.hardware.numCoresPerSocket': 1,
  'runtime.powerState': 'poweredOff',
  ...more,
});
const template = [scsi, disk(0, 16), adapter(4000, 'VM Network')];
const portGroups = [{ moRef: 'network-1', name: 'VM Network' }];
const backings = [network('VM Network')];
const extra = (sizeGb: number, more = {}) => ({ sizeGb, datastore: null, thin: true, ...more });
const marked = (value: string) => ({ 'config.extraConfig': [{ key: 'diaken.disks', value }] });

describe('the hardware of a machine', () => {
  it('stays as it is when it is as ordered', () => {
    const order = { cpus: 2, memoryMb: 2048, diskGb: 10, portGroups };
    expect(hardwareSpec(machine, seen(template), order, backings)).toBeUndefined();
    expect(HARDWARE_PATHS).toEqual(expect.arrayContaining(Object.keys(seen([]))));
  });

  it('is changed in one specification, which names the version that was seen', () => {
    const order = {
      ...{ cpus: 6, memoryMb: 4096, diskGb: 40 },
      extraDisks: [
        extra(100),
        extra(50, { datastore: { moRef: 'ds-2', name: 'DS2' }, thin: false }),
      ],
      portGroups: [...portGroups, { moRef: 'network-2', name: 'Backup' }],
    };
    const spec = hardwareSpec(machine, seen(template), order, [
      network('Production'),
      network('Backup'),
    ]);
    expect(spec).toEqual({
      changeVersion: '2026-11-22T00:00:00Z',
      numCPUs: 6,
      memoryMB: 4096,
      deviceChange: [
        {
          operation: 'edit',
          device: { ...disk(0, 16), capacityInKB: 40 * 2 ** 20, capacityInBytes: 40 * GIB },
        },
        {
          operation: 'add',
          fileOperation: 'create',
          device: {
            $type: 'VirtualDisk',
            key: -101,
            backing: {
              $type: 'VirtualDiskFlatVer2BackingInfo',
              fileName: '',
              diskMode: 'persistent',
              thinProvisioned: true,
            },
            controllerKey: 1000,
            unitNumber: 1,
            capacityInKB: 100 * 2 ** 20,
            capacityInBytes: 100 * GIB,
          },
        },
        {
          operation: 'add',
          fileOperation: 'create',
          device: {
            $type: 'VirtualDisk',
            key: -102,
            backing: {
              $type: 'VirtualDiskFlatVer2BackingInfo',
              fileName: '[DS2]',
              datastore: new MoRef('Datastore', 'ds-2'),
              diskMode: 'persistent',
              thinProvisioned: false,
            },
            controllerKey: 1000,
            unitNumber: 2,
            capacityInKB: 50 * 2 ** 20,
            capacityInBytes: 50 * GIB,
          },
        },
        {
          operation: 'edit',
          device: { ...adapter(4000, 'VM Network'), backing: network('Production') },
        },
        {
          operation: 'add',
          device: {
            $type: 'VirtualE1000e',
            key: -202,
            backing: network('Backup'),
            connectable: { startConnected: true, allowGuestControl: true, connected: false },
            addressType: 'generated',
          },
        },
      ],
      extraConfig: [{ key: 'diaken.disks', value: `${RUN} 1000:1 1000:2` }],
    });
    const xml = serialize('spec', 'VirtualMachineConfigSpec', spec ?? {});
    expect(xml.indexOf('<numCPUs>')).toBeLessThan(xml.indexOf('<deviceChange>'));
    expect(xml.indexOf('<controllerKey>')).toBeLessThan(xml.indexOf('<capacityInKB>'));
  });

  it('has one core per socket where the template’s number does not divide the CPUs', () => {
    const four = seen(template, { 'config.hardware.numCoresPerSocket': 4 });
    const spec = (cpus: number) => hardwareSpec(machine, four, { cpus, portGroups }, backings);
    expect(spec(6)).toMatchObject({ numCPUs: 6, numCoresPerSocket: 1 });
    expect(spec(8)).not.toHaveProperty('numCoresPerSocket');
  });

  it('connects an adapter at once when the machine runs', () => {
    const on = seen([scsi, disk(0, 16)], { 'runtime.powerState': 'poweredOn' });
    expect(hardwareSpec(machine, on, { portGroups }, backings)).toMatchObject({
      deviceChange: [
        { operation: 'add', device: { $type: 'VirtualVmxnet3', connectable: { connected: true } } },
      ],
    });
  });
});

describe('further disks', () => {
  const order = (...extraDisks: ReturnType<typeof extra>[]) => ({ extraDisks, portGroups });
  const with2 = [scsi, disk(0, 16), disk(1, 100), adapter(4000, 'VM Network')];

  it('are not added again once they are there', () => {
    const after = seen(with2, marked(`${RUN} 1000:1`));
    expect(hardwareSpec(machine, after, order(extra(100)), backings)).toBeUndefined();
  });

  it('are never taken for the first one, whatever key vCenter gave them', () => {
    const early = { ...disk(1, 100), key: 1999 };
    const after = seen([scsi, early, disk(0, 16)], marked(`${RUN} 1000:1`));
    const growing = { ...order(extra(100)), portGroups: [], diskGb: 20 };
    expect(hardwareSpec(machine, after, growing, [])).toMatchObject({
      deviceChange: [{ operation: 'edit', device: { key: 2000, capacityInBytes: 20 * GIB } }],
    });
  });

  it('grow when more is ordered', () => {
    const after = seen(with2, marked(`${RUN} 1000:1`));
    const spec = hardwareSpec(machine, after, order(extra(120)), backings);
    expect(spec).toMatchObject({
      deviceChange: [{ operation: 'edit', device: { key: 2001, capacityInBytes: 120 * GIB } }],
    });
    expect(spec).not.toHaveProperty('extraConfig');
  });

  it('are made anew where they were, when somebody has removed them', () => {
    const without = seen(template, marked(`${RUN} 1000:1`));
    expect(hardwareSpec(machine, without, order(extra(100)), backings)).toMatchObject({
      deviceChange: [{ operation: 'add', device: { unitNumber: 1 } }],
    });
  });

  it('are not those of the template, whatever mark it has', () => {
    const before = seen(with2, marked('0f0e0d0c-0b0a-4900-8000-00000000000b 1000:1'));
    expect(hardwareSpec(machine, before, order(extra(5)), backings)).toMatchObject({
      deviceChange: [{ operation: 'add', device: { unitNumber: 2 } }],
      extraConfig: [{ value: `${RUN} 1000:2` }],
    });
  });

  it('leave out the unit of the controller, and units that are taken', () => {
    const cd = { $type: 'VirtualCdrom', key: 16000, controllerKey: 1000, unitNumber: 6 };
    const before = seen([scsi, disk(5, 16), cd, adapter(4000, 'VM Network')]);
    const spec = hardwareSpec(machine, before, order(extra(1), extra(1)), backings);
    expect(spec).toMatchObject({ extraConfig: [{ value: `${RUN} 1000:8 1000:9` }] });
  });

  it.each([
    ['an IDE controller', { ...scsi, $type: 'VirtualIDEController' }, 1],
    ['a controller of an unknown kind', { ...scsi, $type: 'VirtualFutureController' }, 0],
  ])('must have room: %s', (_, controller, room) => {
    const before = seen([controller, disk(0, 16)]);
    expect(() => hardwareSpec(machine, before, order(extra(1), extra(1)), backings)).toThrow(
      `The controller of the machine’s first disk has room for ${room} more disks, not for 2.`,
    );
  });

  it.each([
    ['VirtualAHCIController', 29],
    ['VirtualNVMEController', 14],
    ['VirtualLsiLogicSASController', 14],
  ])('fit on a %s: %i besides the first', ($type, count) => {
    const before = seen([{ ...scsi, $type }, disk(0, 16)]);
    const ordered = order(...Array.from({ length: count }, () => extra(1)));
    expect(hardwareSpec(machine, before, ordered, backings)).toHaveProperty('extraConfig');
    const more = order(...ordered.extraDisks, extra(1));
    expect(() => hardwareSpec(machine, before, more, backings)).toThrow('room for');
  });

  it('cannot be had, nor the first one grown, on a machine without a disk', () => {
    const bare = seen([scsi, adapter(4000, 'VM Network')]);
    expect(() => hardwareSpec(machine, bare, { diskGb: 20, portGroups }, backings)).toThrow(
      'The machine has no disk.',
    );
    expect(() => hardwareSpec(machine, bare, order(extra(1)), backings)).toThrow('room for 0');
  });
});
