import { Process, Processor } from '@nestjs/bull';
import type { Type } from '@nestjs/common';
import type { QueueName, RunJob } from '@diaken/runtime';
import type { Job } from 'bull';
import { AdvanceRun } from './advance-run';

/** The processor of one queue. Every job may come twice: advancing a run claims it first. */
export function processorOf(queue: QueueName, concurrency: number): Type {
  @Processor(queue)
  class RunProcessor {
    constructor(private readonly advance: AdvanceRun) {}

    @Process({ concurrency })
    process({ data }: Job<RunJob>): Promise<void> {
      return this.advance.execute(data.runId);
    }
  }
  return RunProcessor;
}
