import { Injectable, Logger } from '@nestjs/common';
import type { CancelManyAnswer, CancelManyRequest } from '@diaken/contracts';
import { RunActions } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import type { Actor } from '../http/access';

/** Runs that one transaction cancels. */
const AT_ONCE = 1_000;
/** Runs that the answer names. */
const NAMED = 1_000;

/** Cancels every run that a filter means and that can be cancelled. */
@Injectable()
export class CancelRuns {
  private readonly logger = new Logger(CancelRuns.name);

  constructor(
    private readonly actions: RunActions,
    private readonly queue: RunQueue,
  ) {}

  async execute(
    { username }: Actor,
    { machine, ...filter }: CancelManyRequest,
  ): Promise<CancelManyAnswer> {
    const ids = await this.actions.cancellable(filter);
    const answer: CancelManyAnswer = { cancelled: 0, cancelling: 0, runs: [] };
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const runs = await this.actions.cancel(ids.slice(from, from + AT_ONCE), machine, username);
      const left = runs.filter(({ status }) => status !== 'cancelled');
      answer.cancelled += runs.length - left.length;
      answer.cancelling += left.length;
      answer.runs.push(...runs.map(({ id, status }) => ({ id, status })));
      this.wake(left);
    }
    return { ...answer, runs: answer.runs.slice(0, NAMED) };
  }

  /** A worker looks for all that is to be undone, so one job for each kind is enough. */
  private wake(runs: Awaited<ReturnType<RunActions['cancel']>>): void {
    const oneOfEach = new Map(runs.map((run) => [run.kind, run]));
    for (const run of oneOfEach.values()) {
      this.queue.add(run).catch((error: unknown) => {
        this.logger.warn({ err: error, runId: run.id }, 'The queue did not take the run');
      });
    }
  }
}
