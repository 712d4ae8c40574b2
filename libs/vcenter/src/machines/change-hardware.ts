import type { ObjectRef } from '@diaken/contracts';
import { type HardwareOrder, type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import type { Properties } from '../properties/retrieve';
import { objectOf, type VimObject } from '../soap/vim-value';
import { runTask } from '../tasks/run-task';
import { adaptersOf, capacityOf, DEVICES, disksOf, edit } from './devices';
import { machineRef, readMachine } from './find-machine';
import { backingFor, sameBacking } from './network-backing';

const GIB = 2 ** 30;

/** Grows the first disk and connects the first network adapter, in one task; changes only what differs. */
export async function configureHardware(
  vcenter: ConnectedVCenter,
  machine: Machine,
  { diskGb, portGroup }: HardwareOrder,
  signal: AbortSignal,
): Promise<void> {
  const seen = await readMachine(vcenter, machine, [DEVICES, 'runtime.powerState'], signal);
  const backing = await backingFor(vcenter, machine, portGroup, signal);
  const deviceChange = [...diskChange(seen, diskGb), ...adapterChange(seen, backing)];
  if (deviceChange.length === 0) return;
  const on = machineRef(machine);
  const parameters = { spec: { deviceChange } };
  await runTask(vcenter, { method: 'ReconfigVM_Task', on, parameters }, signal);
}

/** Connects the first network adapter to a port group; nothing when it is connected there. */
export function connectNetwork(
  vcenter: ConnectedVCenter,
  machine: Machine,
  portGroup: ObjectRef,
  signal: AbortSignal,
): Promise<void> {
  return configureHardware(vcenter, machine, { portGroup }, signal);
}

function diskChange(seen: Properties, diskGb = 0): readonly VimObject[] {
  const [disk] = disksOf(seen[DEVICES]);
  const bytes = diskGb * GIB;
  if (diskGb > 0 && !disk) throw without('disk');
  if (!disk || bytes <= capacityOf(disk)) return [];
  return [edit({ ...disk, capacityInKB: bytes / 1024, capacityInBytes: bytes })];
}

function adapterChange(seen: Properties, backing: VimObject): readonly VimObject[] {
  const [adapter] = adaptersOf(seen[DEVICES]);
  if (!adapter) throw without('network adapter');
  const plug = objectOf(adapter['connectable']);
  const plugged = plug['startConnected'] !== false;
  if (plugged && sameBacking(objectOf(adapter['backing']), backing)) return [];
  const connected = seen['runtime.powerState'] === 'poweredOn';
  const connectable = { allowGuestControl: true, ...plug, startConnected: true, connected };
  return [edit({ ...adapter, backing, connectable })];
}

function without(device: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-fault',
    cause: `The machine has no ${device}.`,
    remedy: `Add a ${device} to the template.`,
  });
}
