import { Injectable, Logger } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import { linksOf, RunActions, RunHistory, type WantedAction } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import type { Actor } from '../http/access';
import { notFound, Refusal } from '../http/refusal';

/** Cancels, resumes or rolls back a run: writes down what is wanted, and leaves the doing to a worker. */
@Injectable()
export class DecideAboutRun {
  private readonly logger = new Logger(DecideAboutRun.name);

  constructor(
    private readonly actions: RunActions,
    private readonly history: RunHistory,
    private readonly queue: RunQueue,
  ) {}

  /** Throws a refusal when there is no such run, or when its status does not allow it. */
  async execute({ username }: Actor, id: string, wanted: WantedAction): Promise<RunAccepted> {
    const run = await this.actions.take(id, wanted, username);
    if (!run) {
      throw await this.refusal(id, wanted);
    }
    // Not waited for: the sweeper finds every run that the queue has lost.
    this.queue.add(run).catch((error: unknown) => {
      this.logger.warn({ err: error, runId: id }, 'The queue did not take the run');
    });
    return { id, status: run.status, links: linksOf(id) };
  }

  private async refusal(id: string, { action }: WantedAction): Promise<Refusal> {
    const run = await this.history.view(id);
    if (!run) {
      return notFound('run', id);
    }
    const allowed = run.actions.join(', ') || 'nothing';
    return new Refusal({
      code: 'action-not-allowed',
      detail: `The run is ${run.status}, or has been told so already: ${action} is not possible.`,
      remedy: `What its status allows: ${allowed}.`,
    });
  }
}
