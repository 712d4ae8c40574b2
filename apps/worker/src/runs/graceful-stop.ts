import { getQueueToken } from '@nestjs/bull';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { VCenter } from '@diaken/provisioning';
import { type Configuration, QUEUES, type RunJob } from '@diaken/runtime';
import type { VsphereVCenter } from '@diaken/vcenter';
import type { Queue } from 'bull';
import { CONFIGURATION } from '../configuration';
import { TakeRuns } from './take-runs';

/** On SIGTERM: takes no new runs, ends or gives back those at work, undoes nothing. */
@Injectable()
export class GracefulStop implements BeforeApplicationShutdown {
  private readonly logger = new Logger(GracefulStop.name);

  constructor(
    private readonly takeRuns: TakeRuns,
    @Inject(VCenter) private readonly vcenter: VsphereVCenter,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(getQueueToken(QUEUES[0])) private readonly deployments: Queue<RunJob>,
    @Inject(getQueueToken(QUEUES[1])) private readonly maintenance: Queue<RunJob>,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.logger.log({ activeRuns: this.takeRuns.activeRuns }, 'Stopping');
    // Only here, and without waiting for the jobs at work: those are ours to wait for.
    const pausing = [this.deployments, this.maintenance].map((queue) => queue.pause(true, true));
    await Promise.allSettled(pausing);
    await this.takeRuns.stop(this.configuration.DIAKEN_WORKER_GRACE_SECONDS * 1_000);
    await this.vcenter.close();
  }
}
