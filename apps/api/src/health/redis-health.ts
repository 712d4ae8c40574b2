import { getQueueToken } from '@nestjs/bull';
import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { QUEUES, type RunJob } from '@diaken/runtime';
import type { Queue } from 'bull';

/** Tells whether Redis answers. Its absence does not make the API unready: runs are kept in PostgreSQL. */
@Injectable()
export class RedisHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(getQueueToken(QUEUES[0])) private readonly queue: Queue<RunJob>,
  ) {}

  async check(name: string, timeoutMs: number): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(name);
    const late = AbortSignal.timeout(timeoutMs);
    const isLate = new Promise<'late'>((resolve) => {
      late.addEventListener('abort', () => resolve('late'), { once: true });
    });
    const answer = await Promise.race([this.queue.client.ping().catch(() => 'refused'), isLate]);
    return indicator.up({ answers: answer === 'PONG' });
  }
}
