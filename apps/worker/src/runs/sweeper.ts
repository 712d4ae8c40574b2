import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Ansible } from '@diaken/provisioning';
import { RunLedger } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';

/** How often is looked for runs that have something to do but nobody who does it, ms. */
const SWEEP_EVERY_MS = 5_000;
/** How long the queue has for a new run before the sweeper brings it again, ms. */
const QUEUE_TIME_MS = 10_000;
/** Runs that one sweep brings back. */
const RUNS_AT_ONCE = 500;
/** How long what a run left of its playbooks is kept on this worker, ms. */
const LEFTOVERS_KEPT_MS = 24 * 60 * 60 * 1_000;
const SWEEPS_PER_CLEANING = 120;

/** PostgreSQL knows every run; whatever the queue has lost, the sweeper brings back. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Sweeper.name);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sweeps = 0;
  private isStopped = false;

  constructor(
    private readonly ledger: RunLedger,
    private readonly queue: RunQueue,
    private readonly ansible: Ansible,
  ) {}

  onApplicationBootstrap(): void {
    void this.sweep();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      for (const run of await this.ledger.due(QUEUE_TIME_MS, RUNS_AT_ONCE)) {
        await this.queue.add(run);
      }
      if (this.sweeps++ % SWEEPS_PER_CLEANING === 0) {
        await this.ansible.removeForgotten(LEFTOVERS_KEPT_MS);
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'A sweep did not end; the next one follows');
    }
    if (!this.isStopped) {
      this.timer = setTimeout(() => void this.sweep(), SWEEP_EVERY_MS);
    }
  }
}
