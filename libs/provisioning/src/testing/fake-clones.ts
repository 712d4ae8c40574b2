import { isInterruption } from '@diaken/pipeline';
import type { CloneOrder, TaskFollowing } from '../ports/vcenter';
import type { ProvisioningFailure } from '../problems/provisioning-failure';
import { untilAborted } from './calls';
import { finalFailure, transientFailure } from './failures';

interface CloneTask {
  readonly order: CloneOrder;
  readonly ended: PromiseWithResolvers<unknown>;
  isRunning: boolean;
}

/** Clone tasks of a fake vCenter. They end at once, unless they are held. */
export class FakeClones {
  /** Clones that vCenter began, however they ended. */
  started = 0;
  /** Lets clones go on until `finish()`. */
  held = false;
  private readonly tasks = new Map<string, CloneTask>();
  private readonly faults: ProvisioningFailure[] = [];

  constructor(private readonly onCloned: (order: CloneOrder) => void) {}

  /** The next clone ends by this fault and leaves nothing. */
  breakNext(fault: ProvisioningFailure): void {
    this.faults.push(fault);
  }

  /** Names that clones which go on will have. */
  get names(): readonly string[] {
    return this.running.map(({ order }) => order.name);
  }

  start(order: CloneOrder): string {
    const task = { order, ended: Promise.withResolvers<unknown>(), isRunning: true };
    // A task may end by a fault before anybody follows it.
    task.ended.promise.catch(() => undefined);
    const id = `task-${++this.started}`;
    this.tasks.set(id, task);
    if (!this.held) {
      this.finish();
    }
    return id;
  }

  /** Ends the clones that go on. */
  finish(): void {
    for (const task of this.running) {
      const fault = this.faults.shift();
      if (!fault) {
        this.onCloned(task.order);
      }
      end(task, fault);
    }
  }

  /** As vCenter does some minutes after a task has ended. */
  forget(): void {
    this.tasks.clear();
  }

  async follow(id: string, { signal, onProgress }: TaskFollowing): Promise<void> {
    const task = this.tasks.get(id);
    if (!task) {
      throw transientFailure('vcenter-fault');
    }
    onProgress?.(0.5);
    try {
      await Promise.race([task.ended.promise, untilAborted(signal)]);
    } catch (error) {
      if (task.isRunning && isInterruption(error, 'cancelled', 'timed-out')) {
        end(task, finalFailure('vcenter-fault', 'The task was cancelled in vCenter.'));
      }
      throw error;
    }
  }

  private get running(): readonly CloneTask[] {
    return [...this.tasks.values()].filter(({ isRunning }) => isRunning);
  }
}

function end(task: CloneTask, fault?: ProvisioningFailure): void {
  task.isRunning = false;
  if (fault) {
    task.ended.reject(fault);
  } else {
    task.ended.resolve(undefined);
  }
}
