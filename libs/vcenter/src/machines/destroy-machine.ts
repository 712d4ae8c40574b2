import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { runTask, startTask } from '../tasks/run-task';
import { findByRun, machineRef, readMachine } from './find-machine';
import { powerOff } from './power';

/**
 * Powers off and destroys what a run made and answers its MoRef; `undefined` when there is nothing. Throws `not-our-machine`
 * before it touches a machine that does not carry the run's mark.
 */
export async function destroyOfRun(
  vcenter: ConnectedVCenter,
  runId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const machine = await findByRun(vcenter, runId, signal);
  if (!machine) return undefined;
  try {
    await powerOff(vcenter, machine, signal);
    await runTask(vcenter, { method: 'Destroy_Task', on: machineRef(machine) }, signal);
  } catch (error) {
    // It may have gone meanwhile, for example by a task of ours whose answer was lost.
    const gone = isFault(error, 'ManagedObjectNotFound');
    if (!gone || (await findByRun(vcenter, runId, signal))) throw error;
  }
  return machine.moRef;
}

/**
 * Starts to destroy a machine that is off, with its disks and snapshots; answers the id of the task, or `undefined`
 * when the machine is gone already. Throws `not-our-machine` when its MoRef is another machine's by now.
 */
export async function startDestroy(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const path = 'config.instanceUuid';
    const { [path]: uuid } = await readMachine(vcenter, machine, [path], signal);
    if (uuid !== machine.instanceUuid) throw changed(vcenter, machine);
    const call = { method: 'Destroy_Task', on: machineRef(machine) };
    return (await startTask(vcenter, call, signal)).value;
  } catch (error) {
    if (isFault(error, 'ManagedObjectNotFound')) return undefined;
    throw error;
  }
}

function changed({ connection }: ConnectedVCenter, { moRef, instanceUuid }: Machine) {
  return new ProvisioningFailure({
    code: 'not-our-machine',
    cause: `${connection.label}: ${moRef} has not the instance UUID ${instanceUuid} any more.`,
    remedy: 'It is not touched. See in vCenter’s events who changed it.',
  });
}
