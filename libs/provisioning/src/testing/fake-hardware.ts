import type { AdapterState, DiskState, HardwareOrder } from '../ports/vcenter';
import type { FakeMachine } from './fake-machine';

const GIB = 1024 ** 3;

/** Gives a machine of the fake vCenter the hardware that was ordered. */
export function giveHardware(machine: FakeMachine, order: HardwareOrder): void {
  const { cpus, memoryMb, diskGb = 0, extraDisks = [], portGroups } = order;
  const [first, ...others] = portGroups.map(({ moRef }) => moRef);
  machine.cpus = cpus ?? machine.cpus;
  machine.memoryMb = memoryMb ?? machine.memoryMb;
  machine.diskGb = Math.max(machine.diskGb, diskGb);
  machine.portGroup = first ?? machine.portGroup;
  machine.extraPortGroups = [...others, ...machine.extraPortGroups.slice(others.length)];
  machine.extraDisks = [...extraDisks, ...machine.extraDisks.slice(extraDisks.length)];
}

/** The first disk of a machine of the fake vCenter, and those after it. */
export function disksOf({ diskGb, extraDisks }: FakeMachine): {
  readonly firstDisk: DiskState;
  readonly extraDisks: readonly DiskState[];
} {
  return {
    firstDisk: { bytes: diskGb * GIB, datastore: 'datastore-1' },
    extraDisks: extraDisks.map(({ sizeGb, datastore }) => ({
      bytes: sizeGb * GIB,
      datastore: datastore?.moRef ?? 'datastore-1',
    })),
  };
}

/** The network adapters of a machine of the fake vCenter, with what its guest has on them. */
export function adaptersOf(machine: FakeMachine): readonly AdapterState[] {
  const { portGroup, extraPortGroups, addresses, customization, toolsRunning } = machine;
  const given = toolsRunning ? (customization?.extraAddresses ?? []) : [];
  const extra = extraPortGroups.map((moRef, index) => {
    const address = given[index]?.address;
    return {
      mac: `00:50:56:00:00:0${index + 2}`,
      portGroup: moRef,
      addresses: address === undefined ? [] : [address],
    };
  });
  return [{ mac: '00:50:56:00:00:01', portGroup, addresses }, ...extra];
}
