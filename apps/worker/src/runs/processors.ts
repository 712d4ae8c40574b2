import { Process, Processor } from '@nestjs/bull';
import type { Type } from '@nestjs/common';
import type { QueueName } from '@diaken/runtime';
import { TakeRuns } from './take-runs';

/** Jobs that share one look at the database, when many come at once. */
const JOBS_AT_ONCE = 20;

/** The processor of one queue. A job says that a run waits; which run is next, the database says. */
export function processorOf(queue: QueueName): Type {
  @Processor(queue)
  class RunProcessor {
    constructor(private readonly takeRuns: TakeRuns) {}

    @Process({ concurrency: JOBS_AT_ONCE })
    process(): Promise<void> {
      return this.takeRuns.look(queue);
    }
  }
  return RunProcessor;
}
