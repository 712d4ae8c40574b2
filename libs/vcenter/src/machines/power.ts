import type { Machine } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { runTask } from '../tasks/run-task';
import { machineRef, readMachine } from './find-machine';

const POWER_STATE = 'runtime.powerState';

/** Switches a machine on; nothing when it is on. */
export function powerOn(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  return bringTo(vcenter, machine, { state: 'poweredOn', method: 'PowerOnVM_Task' }, signal);
}

/** Switches a machine off, hard; nothing when it is off. */
export function powerOff(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  return bringTo(vcenter, machine, { state: 'poweredOff', method: 'PowerOffVM_Task' }, signal);
}

interface Wish {
  readonly state: string;
  readonly method: string;
}

async function bringTo(
  vcenter: ConnectedVCenter,
  machine: Machine,
  { state, method }: Wish,
  signal: AbortSignal,
): Promise<void> {
  const isThere = async () =>
    (await readMachine(vcenter, machine, [POWER_STATE], signal))[POWER_STATE] === state;
  if (await isThere()) return;
  try {
    await runTask(vcenter, { method, on: machineRef(machine) }, signal);
  } catch (error) {
    // Somebody else, or our own call whose answer was lost, was quicker.
    if (!isFault(error, 'InvalidPowerState') || !(await isThere())) throw error;
  }
}
