import type { Queue } from 'bull';
import { type DueRun, type QueueName, queueOf, type RunJob, RunQueue } from './run-queue';

/** How long adding a job may take before we leave the run to the workers' own looks. */
const ADD_TIMEOUT_MS = 2_000;

/** Runs as Bull jobs. Bull's own attempts stay at 1: retrying is the pipeline's business. */
export class BullRunQueue extends RunQueue {
  constructor(private readonly queues: ReadonlyMap<QueueName, Queue<RunJob>>) {
    super();
  }

  override async add({ id, kind, leaseToken }: DueRun): Promise<void> {
    const queue = this.queues.get(queueOf(kind));
    if (!queue) {
      throw new Error(`No queue for runs of kind ${kind}`);
    }
    const options = { jobId: `${id}:${leaseToken}`, removeOnComplete: true, removeOnFail: true };
    const adding = queue.add({ runId: id }, { attempts: 1, ...options });
    await within(ADD_TIMEOUT_MS, adding);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Redis did not take the job within ${ms} ms`)),
    ms,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
