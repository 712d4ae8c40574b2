import { Injectable, Logger } from '@nestjs/common';
import { RunLedger } from '@diaken/persistence';
import { PipelineRunner } from '@diaken/pipeline';
import { RunQueue } from '@diaken/runtime';

/** Takes runs that the queue delivers as far as they will go, and knows which ones are at work. */
@Injectable()
export class AdvanceRun {
  private readonly logger = new Logger(AdvanceRun.name);
  private readonly stopping = new AbortController();
  private readonly active = new Map<string, Promise<void>>();

  constructor(
    private readonly runner: PipelineRunner,
    private readonly ledger: RunLedger,
    private readonly queue: RunQueue,
  ) {}

  /** Ids of the runs at work. */
  get activeRuns(): readonly string[] {
    return [...this.active.keys()];
  }

  /** Never throws: whatever happened is in the run, or the sweeper brings it back. */
  async execute(runId: string): Promise<void> {
    if (this.active.has(runId)) {
      return;
    }
    const work = this.advance(runId).finally(() => this.active.delete(runId));
    this.active.set(runId, work);
    await work;
  }

  /** Lets the runs at work end by themselves for a while, then gives them back to the queue. */
  async stop(graceMs: number): Promise<void> {
    const ended = () => Promise.allSettled(this.active.values());
    await Promise.race([ended(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    this.stopping.abort();
    await ended();
  }

  private async advance(runId: string): Promise<void> {
    try {
      const became = await this.runner.advance(runId, this.stopping.signal);
      if (became === 'given-back') {
        const due = await this.ledger.find(runId);
        await this.queue.add(due);
      }
    } catch (error) {
      this.logger.error({ err: error, runId }, 'A run was left to the sweeper');
    }
  }
}
