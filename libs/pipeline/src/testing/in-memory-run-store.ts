import {
  isSettled,
  mayBecome,
  type RunFailure,
  RunPolicy,
  type RunStatus,
} from '@diaken/contracts';
import { Interruption } from '../interruption';
import {
  type CancelWish,
  type Lease,
  type LogBatch,
  type RunMove,
  type RunRecord,
  RunStore,
  type StepChange,
} from '../run-store';
import type { Facts, Pipeline } from '../step';

type Stored = RunRecord & {
  readonly failure?: RunFailure;
  readonly messages: Record<string, string>;
};

/** A run store for tests, with the ways of a database: leases that can be stolen, or be away. */
export class InMemoryRunStore extends RunStore {
  readonly trail: string[] = [];
  readonly lines: string[] = [];
  isAway = false;
  private readonly runs = new Map<string, Stored>();
  private readonly holders = new Map<string, number>();
  private tokens = 0;

  add(id: string, { kind, steps }: Pipeline, request: Facts): void {
    const records = steps.map(({ name }) => ({
      name,
      status: 'pending' as const,
      attempts: 0,
      notes: {},
      gives: {},
    }));
    const { retry, onFailure } = request;
    this.runs.set(id, {
      ...{ id, kind, request, steps: records, status: 'pending', cancel: null, decidedBy: null },
      ...{ policy: RunPolicy.parse({ retry, onFailure }), attempt: 0, losses: 0, messages: {} },
    });
  }

  get(id: string): Stored {
    const run = this.runs.get(id);
    if (!run) {
      throw new Error(`No run ${id}`);
    }
    return run;
  }

  set(id: string, change: Partial<Pick<Stored, 'status' | 'cancel' | 'losses'>>): void {
    this.runs.set(id, { ...this.get(id), ...change });
  }

  /** As another worker would, once the lease has run out. */
  steal(id: string): void {
    this.holders.set(id, ++this.tokens);
  }

  /** As if the worker that held the run had died long ago. */
  abandon(id: string): void {
    this.holders.delete(id);
  }

  /** As a worker does that takes the run from the queue. */
  async claim(runId: string): Promise<Lease | undefined> {
    if (this.holders.has(runId) || isSettled(this.get(runId).status)) {
      return undefined;
    }
    const token = ++this.tokens;
    this.holders.set(runId, token);
    return { runId, token, logLines: this.lines.length };
  }

  async renew(lease: Lease): Promise<{ cancel: CancelWish }> {
    this.check(lease);
    return { cancel: this.get(lease.runId).cancel };
  }

  async release({ runId, token }: Lease): Promise<void> {
    if (this.holders.get(runId) === token) {
      this.holders.delete(runId);
    }
  }

  async read(runId: string): Promise<RunRecord> {
    return this.get(runId);
  }

  async moveRun(lease: Lease, to: RunStatus, move: RunMove = {}): Promise<void> {
    this.check(lease);
    const run = this.get(lease.runId);
    if (run.status !== to && !mayBecome(run.status, to)) {
      throw new Error(`${run.status} -> ${to}`);
    }
    const { failure, retryInMs, unlessCancelled } = move;
    if (unlessCancelled && run.cancel) {
      throw new Interruption('cancelled');
    }
    const attempt = retryInMs === undefined ? run.attempt : run.attempt + 1;
    this.runs.set(run.id, { ...run, status: to, attempt, ...(failure && { failure }) });
    this.trail.push(`run ${to}`);
  }

  async moveStep(lease: Lease, name: string, { message, ...change }: StepChange): Promise<void> {
    this.check(lease);
    const run = this.get(lease.runId);
    const steps = run.steps.map((step) => (step.name === name ? { ...step, ...change } : step));
    const messages = message ? { ...run.messages, [name]: message } : run.messages;
    this.runs.set(run.id, { ...run, steps, messages });
    if (change.status) {
      this.trail.push(`${name} ${change.status}`);
    }
  }

  async appendLog(lease: Lease, { after, lines, notes }: LogBatch): Promise<void> {
    this.check(lease);
    if (this.lines.length > after) {
      return;
    }
    this.lines.push(...lines.map(({ text }) => text));
    const run = this.get(lease.runId);
    const steps = run.steps.map((step) => ({ ...step, notes: notes.get(step.name) ?? step.notes }));
    this.runs.set(run.id, { ...run, steps });
  }

  saysAway(error: unknown): boolean {
    return error instanceof Error && error.message === 'connection refused';
  }

  private check({ runId, token }: Lease): void {
    if (this.isAway) {
      throw new Error('connection refused');
    }
    if (this.holders.get(runId) !== token) {
      throw new Interruption('lease-lost');
    }
  }
}
