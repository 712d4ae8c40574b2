import type { ConnectedVCenter } from '../connected-vcenter';
import type { VimCall } from '../session/vim-connection';
import { MoRef, moRefOf } from '../soap/vim-value';
import { followTask } from './follow-task';

/**
 * Calls a method that answers a task, and answers the task. An interruption does not break the call off:
 * without its answer nobody could tell, or cancel, what it started.
 */
export async function startTask(
  { connection }: ConnectedVCenter,
  call: VimCall,
  signal: AbortSignal,
): Promise<MoRef> {
  signal.throwIfAborted();
  const task = moRefOf(await connection.call(call, new AbortController().signal));
  if (!task) throw new Error(`${call.method} answered no task`);
  return task;
}

/** Calls a method that answers a task, and waits until the task has ended. Throws its fault. */
export async function runTask(
  vcenter: ConnectedVCenter,
  call: VimCall,
  signal: AbortSignal,
): Promise<void> {
  await followTask(vcenter, await startTask(vcenter, call, signal), { signal });
}

/** The reference that an id of a task stands for. */
export function taskOf(id: string): MoRef {
  return new MoRef('Task', id);
}
