import type { ObjectRef } from '@diaken/contracts';
import type { HardwareOrder, Machine } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { runTask } from '../tasks/run-task';
import { machineRef, readMachine } from './find-machine';
import { HARDWARE_PATHS, hardwareSpec } from './hardware-spec';
import { backingFor } from './network-backing';

/** CPUs, memory, disks and network adapters, in one task; changes only what differs. */
export async function configureHardware(
  vcenter: ConnectedVCenter,
  machine: Machine,
  order: HardwareOrder,
  signal: AbortSignal,
): Promise<void> {
  const seen = await readMachine(vcenter, machine, HARDWARE_PATHS, signal);
  const backings = await Promise.all(
    order.portGroups.map((portGroup) => backingFor(vcenter, machine, portGroup, signal)),
  );
  const spec = hardwareSpec(machine, seen, order, backings);
  if (!spec) return;
  const call = { method: 'ReconfigVM_Task', on: machineRef(machine), parameters: { spec } };
  await runTask(vcenter, call, signal);
}

/** Connects the first network adapter to a port group; nothing when it is connected there. */
export function connectNetwork(
  vcenter: ConnectedVCenter,
  machine: Machine,
  portGroup: ObjectRef,
  signal: AbortSignal,
): Promise<void> {
  return configureHardware(vcenter, machine, { portGroups: [portGroup] }, signal);
}
