import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { runTask } from '../tasks/run-task';
import { findByRun, machineRef } from './find-machine';
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
