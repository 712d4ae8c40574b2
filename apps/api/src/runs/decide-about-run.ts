import { Injectable, Logger } from '@nestjs/common';
import type { ResumeRequest, RunAccepted, RunView } from '@diaken/contracts';
import { linksOf, RunActions, RunHistory, type WantedAction } from '@diaken/persistence';
import { RunQueue } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import { missingReferences } from '../deployments/missing-references';
import type { Actor } from '../http/access';
import { invalid, notFound, Refusal } from '../http/refusal';

/** Cancels, resumes, keeps or rolls back a run: writes down what is wanted, and leaves the doing to a worker. */
@Injectable()
export class DecideAboutRun {
  private readonly logger = new Logger(DecideAboutRun.name);

  constructor(
    private readonly actions: RunActions,
    private readonly history: RunHistory,
    private readonly queue: RunQueue,
    private readonly database: DataSource,
  ) {}

  /** Throws a refusal when there is no such run, or when it does not allow this. */
  async execute({ username }: Actor, id: string, wanted: WantedAction): Promise<RunAccepted> {
    if (wanted.action === 'resume') {
      await this.checkEdits(id, wanted.edits);
    }
    const run = await this.actions.take(id, wanted, username);
    if (!run) {
      throw notAllowed(await this.find(id), wanted.action);
    }
    // Not waited for: every worker looks for runs that the queue has lost.
    this.queue.add(run).catch((error: unknown) => {
      this.logger.warn({ err: error, runId: id }, 'The queue did not take the run');
    });
    return { id, status: run.status, links: linksOf(id) };
  }

  private async checkEdits(id: string, edits: ResumeRequest): Promise<void> {
    const fields = Object.keys(edits);
    if (fields.length === 0) {
      return;
    }
    const run = await this.find(id);
    if (!run.actions.includes('resume')) {
      throw notAllowed(run, 'resume');
    }
    const late = fields.filter((field) => !run.editable.includes(field));
    if (late.length > 0) {
      const can = run.editable.join(', ') || 'nothing';
      const message = `has been used by a step that is done; what can be changed: ${can}`;
      throw invalid(late.map((path) => ({ path, message })));
    }
    const missing = await missingReferences(this.database.manager, edits);
    if (missing.length > 0) {
      throw invalid(missing);
    }
  }

  private async find(id: string): Promise<RunView> {
    const run = await this.history.view(id);
    if (!run) {
      throw notFound('run', id);
    }
    return run;
  }
}

/** What is answered when the run does not allow an action. */
export function notAllowed(run: RunView, action: string): Refusal {
  const allowed = run.actions.join(', ') || 'nothing';
  return new Refusal({
    code: 'action-not-allowed',
    detail: `The run is ${run.status}, or has been told so already: ${action} is not possible.`,
    remedy: `What it allows now: ${allowed}.`,
  });
}
