import { type HardwareOrder, type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { Properties } from '../properties/retrieve';
import { numberOf, objectOf, textOf, type VimObject } from '../soap/vim-value';
import { adaptersOf, DEVICES, edit, grow } from './devices';
import { EXTRA_CONFIG, extraDiskChanges, firstDiskOf } from './extra-disks';
import { sameBacking } from './network-backing';

const VERSION = 'config.changeVersion';
const CPUS = 'config.hardware.numCPU';
const MEMORY = 'config.hardware.memoryMB';
const CORES = 'config.hardware.numCoresPerSocket';
const POWER = 'runtime.powerState';

/** What has to be read of a machine to tell how its hardware differs from an order. */
export const HARDWARE_PATHS = [DEVICES, EXTRA_CONFIG, VERSION, CPUS, MEMORY, CORES, POWER];

/**
 * The VirtualMachineConfigSpec that turns what was seen into what was ordered; undefined when nothing differs. It names
 * the version that was seen: vCenter refuses it (ConcurrentAccess) when an earlier one, whose answer was lost, came
 * first. `backings`: of the port groups ordered, in their order.
 */
export function hardwareSpec(
  machine: Machine,
  seen: Properties,
  order: HardwareOrder,
  backings: readonly VimObject[],
): VimObject | undefined {
  const disks = extraDiskChanges(machine, seen, order.extraDisks ?? []);
  const deviceChange = [
    ...firstDiskChange(firstDiskOf(machine, seen), order.diskGb),
    ...disks.deviceChange,
    ...backings.flatMap((backing, place) => adapterChange(seen, backing, place)),
  ];
  const sizes = sizeChange(seen, order);
  if (deviceChange.length === 0 && Object.keys(sizes).length === 0) return undefined;
  const changeVersion = textOf(seen[VERSION]);
  return {
    ...(changeVersion !== '' && { changeVersion }),
    ...sizes,
    ...(deviceChange.length > 0 && { deviceChange }),
    ...(disks.extraConfig.length > 0 && { extraConfig: disks.extraConfig }),
  };
}

/** One core per socket where the number there was does not divide the CPUs: vCenter would refuse. */
function sizeChange(seen: Properties, { cpus, memoryMb }: HardwareOrder): VimObject {
  const otherCpus = cpus !== undefined && cpus !== numberOf(seen[CPUS]) ? cpus : undefined;
  const fits = (otherCpus ?? 0) % (numberOf(seen[CORES]) || 1) === 0;
  return {
    ...(otherCpus !== undefined && { numCPUs: otherCpus, ...(!fits && { numCoresPerSocket: 1 }) }),
    ...(memoryMb !== undefined && memoryMb !== numberOf(seen[MEMORY]) && { memoryMB: memoryMb }),
  };
}

function firstDiskChange(
  disk: VimObject | undefined,
  diskGb: number | undefined,
): readonly VimObject[] {
  if (diskGb === undefined) return [];
  if (!disk) throw withoutDisk();
  return grow(disk, diskGb);
}

function adapterChange(seen: Properties, backing: VimObject, place: number): readonly VimObject[] {
  const adapters = adaptersOf(seen[DEVICES]);
  const adapter = adapters[place];
  const connected = seen[POWER] === 'poweredOn';
  if (!adapter) {
    const connectable = { startConnected: true, allowGuestControl: true, connected };
    // As its first one: the guest surely has a driver for that.
    const $type = likeFirst(adapters[0]);
    const device = { $type, key: -201 - place, backing, connectable, addressType: 'generated' };
    return [{ operation: 'add', device }];
  }
  const plug = objectOf(adapter['connectable']);
  const plugged = plug['startConnected'] !== false;
  if (plugged && sameBacking(objectOf(adapter['backing']), backing)) return [];
  const connectable = { allowGuestControl: true, ...plug, startConnected: true, connected };
  return [edit({ ...adapter, backing, connectable })];
}

/** An adapter that is passed through to hardware cannot be had twice. */
function likeFirst(first: VimObject | undefined): string {
  const { $type = 'VirtualVmxnet3' } = first ?? {};
  return $type === 'VirtualSriovEthernetCard' ? 'VirtualVmxnet3' : $type;
}

function withoutDisk(): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-fault',
    cause: 'The machine has no disk.',
    remedy: 'Add a disk to the template.',
  });
}
