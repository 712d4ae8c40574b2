import { BullModule, getQueueToken } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { BullRunQueue, QUEUES, RunQueue, type RunJob } from '@diaken/runtime';
import type { Queue } from 'bull';

/** The queues, as those see them who only add to them. */
@Module({
  imports: [BullModule.registerQueue(...QUEUES.map((name) => ({ name })))],
  providers: [
    {
      provide: RunQueue,
      useFactory: (...queues: Queue<RunJob>[]) =>
        new BullRunQueue(
          new Map(queues.map((queue, index) => [QUEUES[index] ?? QUEUES[0], queue])),
        ),
      inject: QUEUES.map((name) => getQueueToken(name)),
    },
  ],
  exports: [RunQueue, BullModule],
})
export class QueueModule {}
