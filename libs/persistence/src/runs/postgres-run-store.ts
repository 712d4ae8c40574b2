import { isSettled, mayBecome, RunPolicy, type RunStatus } from '@diaken/contracts';
import {
  type CancelWish,
  Interruption,
  type Lease,
  type LogBatch,
  type RunMove,
  type RunRecord,
  RunStore,
  type StepChange,
} from '@diaken/pipeline';
import type { DataSource, EntityManager } from 'typeorm';
import { isDatabaseAway } from '../database-away';
import { RunEntity, RunStepEntity } from '../entities/run.entity';
import { appendEvent } from './events';
import { packLines } from './log-chunk';
import { updateOfStep } from './step-update';
import { RUN_CHANGED_CHANNEL, rowsOf } from './transaction';

/** A run keeps its failure until it goes on or ends well; one that will be tried again is due later. */
const MOVE_RUN = `
  UPDATE run SET status = $2, failure = CASE WHEN $6 THEN NULL ELSE coalesce($3, failure) END,
    started_at = coalesce(started_at, now()), ended_at = CASE WHEN $4 THEN now() END,
    current_step = CASE WHEN $4 THEN NULL ELSE current_step END,
    progress = CASE WHEN $2 = 'success' THEN 1 ELSE progress END,
    attempt = attempt + CASE WHEN $5::float IS NULL THEN 0 ELSE 1 END,
    due_at = now() + coalesce($5::float, 0) * interval '1 millisecond',
    expires_at = CASE WHEN $2 = 'failed'
      THEN now() + (policy -> 'onFailure' ->> 'destroyAfterHours')::int * interval '1 hour' END
  WHERE id = $1`;

/** Runs in PostgreSQL. A write goes through only while the run carries the lease's token. */
export class PostgresRunStore extends RunStore {
  constructor(
    private readonly database: DataSource,
    /** How long a lease lasts without being renewed. */
    private readonly leaseMs: number,
  ) {
    super();
  }

  override async renew({ runId, token }: Lease): Promise<{ cancel: CancelWish }> {
    const [renewed] = await rowsOf<{ cancel: CancelWish }>(
      this.database,
      `UPDATE run SET lease_until = now() + $3 * interval '1 millisecond'
       WHERE id = $1 AND lease_token = $2 AND lease_until IS NOT NULL RETURNING cancel`,
      [runId, token, this.leaseMs],
    );
    if (!renewed) {
      throw new Interruption('lease-lost');
    }
    return { cancel: renewed.cancel };
  }

  override async release({ runId, token }: Lease): Promise<void> {
    await this.database.query(
      'UPDATE run SET lease_until = NULL, lease_owner = NULL WHERE id = $1 AND lease_token = $2',
      [runId, token],
    );
  }

  override async read(runId: string): Promise<RunRecord> {
    const manager = this.database.manager;
    const [run, steps] = await Promise.all([
      manager.findOneByOrFail(RunEntity, { id: runId }),
      manager.find(RunStepEntity, { where: { runId }, order: { position: 'ASC' } }),
    ]);
    const { id, kind, request, status, cancel, decidedBy, attempt, losses } = run;
    const policy = RunPolicy.parse(run.policy);
    return { id, kind, request, policy, status, cancel, decidedBy, attempt, losses, steps };
  }

  override async moveRun(lease: Lease, to: RunStatus, move: RunMove = {}): Promise<void> {
    const { failure, retryInMs, unlessCancelled } = move;
    await this.fenced(lease, async (manager) => {
      const { status, cancel } = await manager.findOneByOrFail(RunEntity, { id: lease.runId });
      if (unlessCancelled && cancel) {
        throw new Interruption('cancelled');
      }
      if (status !== to && !mayBecome(status, to)) {
        throw new Error(`A run cannot become ${to} when it is ${status}`);
      }
      await manager.query(MOVE_RUN, [
        ...[lease.runId, to, failure ?? null, isSettled(to)],
        ...[retryInMs ?? null, to === 'running' || to === 'success'],
      ]);
      await appendEvent(manager, lease.runId, 'run.status', {
        status: to,
        ...(failure && { failure }),
        ...(retryInMs !== undefined && { retryInMs }),
      });
    });
  }

  override async moveStep(lease: Lease, name: string, change: StepChange): Promise<void> {
    await this.fenced(lease, async (manager) => {
      const { statement, values } = updateOfStep(lease.runId, name, change);
      const [step] = await rowsOf<{ title: string }>(manager, statement, values);
      if (!step) {
        throw new Error(`Run ${lease.runId} has no step ${name}`);
      }
      if (change.status === 'success' || change.status === 'undone') {
        await manager.query('UPDATE run SET losses = 0 WHERE id = $1', [lease.runId]);
      }
      if (change.status !== undefined || change.progress !== undefined) {
        await this.refreshProgress(manager, lease.runId, step.title, change);
      }
      const { gives: _gives, ...told } = change;
      if (Object.keys(told).length > 0) {
        const type = change.status ? 'step.status' : 'step.progress';
        await appendEvent(manager, lease.runId, type, { step: name, ...told });
      }
    });
  }

  override async appendLog(lease: Lease, { after, lines, notes }: LogBatch): Promise<void> {
    const packed = await packLines(lines);
    await this.fenced(
      lease,
      async (manager, { log_lines }) => {
        if (log_lines > after + lines.length) {
          // Stored before, but the answer was lost: this transaction changes nothing.
          throw new StoredAlready();
        }
        if (lines.length > 0) {
          await manager.query(
            'INSERT INTO run_log_chunk (run_id, first_line, line_count, lines) VALUES ($1, $2, $3, $4)',
            [lease.runId, after + 1, lines.length, packed],
          );
        }
        for (const [step, note] of notes) {
          await manager.query('UPDATE run_step SET notes = $3 WHERE run_id = $1 AND name = $2', [
            ...[lease.runId, step, note],
          ]);
        }
      },
      lines.length,
    ).catch(unlessStoredAlready);
  }

  override saysAway(error: unknown): boolean {
    return isDatabaseAway(error);
  }

  /** A transaction that only the holder of the lease can make. Locks the run, so its events stay in order. */
  private async fenced(
    { runId, token }: Lease,
    write: (manager: EntityManager, run: { log_lines: number }) => Promise<void>,
    newLines = 0,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      const [run] = await rowsOf<{ log_lines: number }>(
        manager,
        `UPDATE run SET revision = revision + CASE WHEN $3 > 0 THEN 0 ELSE 1 END, log_lines = log_lines + $3
         WHERE id = $1 AND lease_token = $2 AND lease_until IS NOT NULL RETURNING log_lines`,
        [runId, token, newLines],
      );
      if (!run) {
        throw new Interruption('lease-lost');
      }
      await write(manager, run);
      await manager.query('SELECT pg_notify($1, $2)', [RUN_CHANGED_CHANNEL, runId]);
    });
  }

  private async refreshProgress(
    manager: EntityManager,
    runId: string,
    title: string,
    { status }: StepChange,
  ): Promise<void> {
    await manager.query(
      `UPDATE run SET current_step = CASE WHEN $3 THEN $2 ELSE current_step END,
         progress = (SELECT sum(weight * CASE status WHEN 'success' THEN 1 WHEN 'skipped' THEN 1
           WHEN 'running' THEN progress ELSE 0 END) / sum(weight) FROM run_step WHERE run_id = $1)
       WHERE id = $1`,
      [runId, title, status === 'running' || status === 'undoing'],
    );
  }
}

/** A batch of log lines that was stored before: rolls the transaction back that would store it again. */
class StoredAlready extends Error {
  override readonly name = 'StoredAlready';
}

function unlessStoredAlready(error: unknown): void {
  if (!(error instanceof StoredAlready)) {
    throw error;
  }
}
