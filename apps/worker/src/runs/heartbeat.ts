import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { RunActions, WorkerRegister } from '@diaken/persistence';
import { Ansible } from '@diaken/provisioning';
import { type Configuration, QUEUES } from '@diaken/runtime';
import { CONFIGURATION } from '../configuration';
import { TakeRuns } from './take-runs';
import { WORKER_NAME } from './worker-name';

/** How often a worker says that it lives, hears what to do, and looks for runs that no job told it of, ms. */
const BEAT_EVERY_MS = 2_000;
/** How long what a run left of its playbooks is kept on this worker, ms. */
const LEFTOVERS_KEPT_MS = 24 * 60 * 60 * 1_000;
const BEATS_PER_CLEANING = 300;

/** PostgreSQL knows every run and every worker; whatever the queue has lost, the next beat finds. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Heartbeat.name);
  private readonly id = randomUUID();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private beats = 0;
  private isStopped = false;

  constructor(
    private readonly takeRuns: TakeRuns,
    private readonly workers: WorkerRegister,
    private readonly actions: RunActions,
    private readonly ansible: Ansible,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  onApplicationBootstrap(): void {
    void this.beat();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.workers.leave(this.id).catch(() => undefined); // it is shown as lost then
  }

  private async beat(): Promise<void> {
    try {
      const { DIAKEN_WORKER_CONCURRENCY: own } = this.configuration;
      const orders = await this.workers.beat(this.id, WORKER_NAME, own);
      this.takeRuns.allow(orders.concurrency, orders.draining);
      for (const { id } of await this.actions.expire()) {
        this.logger.log({ runId: id }, 'The time of a failed run is over: it is rolled back');
      }
      await Promise.all(QUEUES.map((queue) => this.takeRuns.look(queue)));
      await this.clean();
    } catch (error) {
      this.logger.warn({ err: error }, 'A beat did not end; the next one follows');
    }
    if (!this.isStopped) {
      this.timer = setTimeout(() => void this.beat(), BEAT_EVERY_MS);
    }
  }

  private async clean(): Promise<void> {
    if (this.beats++ % BEATS_PER_CLEANING === 0) {
      await this.ansible.removeForgotten(LEFTOVERS_KEPT_MS);
      await this.workers.forgetLost();
    }
  }
}
