import { isInterruption } from '@diaken/pipeline';
import { ProvisioningFailure, type TaskFollowing } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { faultOf } from '../problems/fault-failure';
import { readLocalizedFault, type Properties } from '../properties/retrieve';
import { type MoRef, moRefOf, numberOf, sameMoRef } from '../soap/vim-value';

/** How long to wait for a cancelled task to end. */
const CANCEL_MS = 10_000;

const PATHS = ['info.state', 'info.progress', 'info.error'];

/**
 * Waits until a task has ended; throws its fault. When the run is cancelled or the step's time is over,
 * the task is cancelled and its end awaited for a while; when only this worker stops, it is left alone.
 */
export async function followTask(
  vcenter: ConnectedVCenter,
  task: MoRef,
  { signal, onProgress }: TaskFollowing,
): Promise<void> {
  let reported = 0;
  const report = ({ 'info.progress': progress }: Properties) => {
    const fraction = (numberOf(progress) ?? 0) / 100;
    if (fraction > reported) onProgress?.((reported = fraction));
  };
  try {
    await untilEnded(vcenter, task, { signal, report });
  } catch (error) {
    if (isInterruption(error, 'cancelled', 'timed-out')) await cancelTask(vcenter, task);
    throw isMissing(error, task) ? forgotten(vcenter, error, task) : error;
  }
}

interface Looking {
  readonly signal: AbortSignal;
  readonly report: (seen: Properties) => void;
}

async function untilEnded(
  { connection, watches }: ConnectedVCenter,
  task: MoRef,
  { signal, report }: Looking,
): Promise<void> {
  const fault = await watches.until(
    {
      object: task,
      paths: PATHS,
      look: (seen) => {
        report(seen);
        if (seen['info.state'] === 'success') return 'none';
        return seen['info.state'] === 'error' ? readLocalizedFault(seen['info.error']) : undefined;
      },
    },
    signal,
  );
  if (fault !== 'none') throw connection.faultMeaning(fault);
}

async function cancelTask(vcenter: ConnectedVCenter, task: MoRef): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    await vcenter.connection.call({ method: 'CancelTask', on: task }, signal);
    await untilEnded(vcenter, task, { signal, report: () => undefined });
  } catch {
    // It had ended already, cannot be cancelled, ended as cancelled or takes longer than we wait:
    // whoever undoes the step looks what is there.
  }
}

/** Whether the task itself is missing, and not something that it worked on. */
function isMissing(error: unknown, task: MoRef): boolean {
  const fault = faultOf(error);
  if (!fault?.is('ManagedObjectNotFound')) return false;
  return sameMoRef(moRefOf(fault.detail['obj']), task);
}

/** vCenter forgets a task some minutes after its end. */
function forgotten(
  { connection }: ConnectedVCenter,
  cause: unknown,
  task: MoRef,
): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'vcenter-fault',
      cause: `${connection.label} does not know the task ${task.value} any more.`,
      remedy: 'The next attempt looks at what the task did.',
      transient: true,
    },
    { cause },
  );
}
