import { Injectable, Logger } from '@nestjs/common';
import { RUN_KINDS } from '@diaken/contracts';
import { RunClaims } from '@diaken/persistence';
import { type Lease, PipelineRunner } from '@diaken/pipeline';
import { type QueueName, queueOf } from '@diaken/runtime';

/** Reading inventories is rare and short, and must not wait behind deployments. */
const MAINTENANCE_CONCURRENCY = 2;

/** Other runs wait for the checks of playbooks, so these never wait behind them. */
const CHECK_CONCURRENCY = 2;

const kindsIn = (queue: QueueName) => RUN_KINDS.filter((kind) => queueOf(kind) === queue);

/** Takes runs in the order of the queue while this worker has room for them, and takes each as far as it will go. */
@Injectable()
export class TakeRuns {
  private readonly logger = new Logger(TakeRuns.name);
  private readonly stopping = new AbortController();
  private readonly active = new Map<string, { readonly queue: QueueName; work: Promise<void> }>();
  /** Looks that go on, by queue; whoever wants one meanwhile gets another one after it. */
  private readonly looks = new Map<
    QueueName,
    { readonly now: Promise<void>; again?: Promise<void> }
  >();
  private readonly room: Record<QueueName, number> = {
    deployments: 0,
    maintenance: MAINTENANCE_CONCURRENCY,
    checks: CHECK_CONCURRENCY,
  };
  private isDraining = false;

  constructor(
    private readonly runner: PipelineRunner,
    private readonly claims: RunClaims,
  ) {}

  /** Ids of the runs at work. */
  get activeRuns(): readonly string[] {
    return [...this.active.keys()];
  }

  /** How many deployments it takes at once from now on, and whether it takes any at all. */
  allow(deployments: number, isDraining: boolean): void {
    this.room.deployments = deployments;
    this.isDraining = isDraining;
  }

  /** Takes what waits while there is room. Never throws: what was not found now is found by the next look. */
  look(queue: QueueName): Promise<void> {
    const going = this.looks.get(queue);
    if (going) {
      // What it has seen may be older than what the caller knows of.
      going.again ??= going.now.then(() => this.look(queue));
      return going.again;
    }
    const now = this.takeAll(queue).finally(() => this.looks.delete(queue));
    this.looks.set(queue, { now });
    return now;
  }

  /** Stops the run at once if somebody has cancelled it and it is at work here. */
  heed(runId: string): Promise<void> {
    return this.runner.heed(runId);
  }

  /** Takes nothing new; lets the runs at work end by themselves for a while, then gives them back. */
  async stop(graceMs: number): Promise<void> {
    this.isDraining = true;
    const ended = () => Promise.allSettled([...this.active.values()].map(({ work }) => work));
    await Promise.race([ended(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    this.stopping.abort();
    await ended();
  }

  private async takeAll(queue: QueueName): Promise<void> {
    try {
      while (!this.stopping.signal.aborted) {
        const lease = await this.claims.next({
          kinds: kindsIn(queue),
          hasRoom: this.hasRoom(queue),
        });
        if (!lease) {
          return;
        }
        this.start(queue, lease);
      }
    } catch (error) {
      this.logger.warn({ err: error, queue }, 'The database gave no run; the next look follows');
    }
  }

  private hasRoom(queue: QueueName): boolean {
    const used = [...this.active.values()].filter((run) => run.queue === queue).length;
    return !this.isDraining && used < this.room[queue];
  }

  private start(queue: QueueName, lease: Lease): void {
    const { runId } = lease;
    const work = this.advance(lease).finally(() => {
      this.active.delete(runId);
      void this.look(queue);
    });
    this.active.set(runId, { queue, work });
  }

  private async advance(lease: Lease): Promise<void> {
    try {
      await this.runner.advance(lease, this.stopping.signal);
    } catch (error) {
      const { runId } = lease;
      this.logger.error({ err: error, runId }, 'A run was left; a later look takes it up again');
    }
  }
}
