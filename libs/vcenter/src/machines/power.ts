import type { Machine } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import type { Properties } from '../properties/retrieve';
import { runTask, startTask } from '../tasks/run-task';
import { machineRef, missing, readMachine } from './find-machine';

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

/** Suspends a machine; nothing when it is suspended. */
export function suspend(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  return bringTo(vcenter, machine, { state: 'suspended', method: 'SuspendVM_Task' }, signal);
}

/** Starts to reset a machine, and answers the id of the task. The call is sent once. */
export async function startReset(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<string> {
  const call = { method: 'ResetVM_Task', on: machineRef(machine) };
  return (await startTask(vcenter, call, signal)).value;
}

/** Asks the guest to shut down or to reboot; does not wait for it. The call is sent once. */
export async function askGuest(
  { connection }: ConnectedVCenter,
  machine: Machine,
  wish: 'shutdown' | 'reboot',
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const method = wish === 'shutdown' ? 'ShutdownGuest' : 'RebootGuest';
  await connection.call({ method, on: machineRef(machine) }, new AbortController().signal);
}

/** Waits until a machine is off. Throws `machine-missing` when it is gone. */
export async function waitUntilOff(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  const look = (seen: Properties) => seen[POWER_STATE] === 'poweredOff' || undefined;
  const watch = { object: machineRef(machine), paths: [POWER_STATE], look };
  try {
    await vcenter.watches.until(watch, signal);
  } catch (error) {
    throw isFault(error, 'ManagedObjectNotFound') ? missing(machine, error) : error;
  }
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
