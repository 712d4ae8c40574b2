import type { ActiveRun, QueueView, WorkerView } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_FREE } from '../runs/workable';
import { readQueueState } from './queue-state';
import { LOST_AFTER_SECONDS } from './worker-register';

/** Shows and steers the queue: what waits, who works, what is limited. */
export class QueueOverview {
  constructor(private readonly database: DataSource) {}

  async read(): Promise<QueueView> {
    const [state, waiting, workers] = await Promise.all([
      readQueueState(this.database),
      this.waiting(),
      this.workers(),
    ]);
    return {
      maintenance: state.maintenance,
      waiting,
      active: workers.reduce((sum, { runs }) => sum + runs.length, 0),
      workers,
      limits: [...state.limits],
    };
  }

  /** From now on no new work is started; what has begun goes on. */
  async startMaintenance(by: string, reason: string | undefined): Promise<void> {
    await this.database.query(
      `INSERT INTO maintenance (reason, set_by) VALUES ($1, $2)
       ON CONFLICT (only_row) DO UPDATE SET reason = excluded.reason`,
      [reason ?? null, by],
    );
  }

  async endMaintenance(): Promise<void> {
    await this.database.query('DELETE FROM maintenance');
  }

  /** How many runs may use something at once, from the next run that is taken on. */
  async setLimit(name: string, runs: number): Promise<void> {
    await this.database.query(
      `INSERT INTO run_limit (name, runs) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET runs = excluded.runs`,
      [name, runs],
    );
  }

  private async waiting(): Promise<QueueView['waiting']> {
    const rows = await rowsOf<{ priority: number; runs: number; oldest: number }>(
      this.database,
      `SELECT priority, count(*)::int AS runs, extract(epoch FROM now() - min(created_at))::float AS oldest
       FROM run WHERE status = 'pending' AND ${IS_FREE} GROUP BY priority ORDER BY priority DESC`,
      [],
    );
    return {
      total: rows.reduce((sum, { runs }) => sum + runs, 0),
      oldestSeconds: rows.length > 0 ? Math.max(...rows.map(({ oldest }) => oldest)) : null,
      byPriority: rows.map(({ priority, runs }) => ({ priority, runs })),
    };
  }

  private async workers(): Promise<WorkerView[]> {
    const [workers, runs] = await Promise.all([
      rowsOf<WorkerRow>(
        this.database,
        `SELECT id, name, concurrency, draining, started_at, seen_at,
           seen_at < now() - $1 * interval '1 second' AS lost FROM worker ORDER BY started_at, id`,
        [LOST_AFTER_SECONDS],
      ),
      rowsOf<ActiveRun & { readonly owner: string }>(
        this.database,
        `SELECT id, kind, target, status, current_step AS step, lease_owner AS owner FROM run
         WHERE lease_owner IS NOT NULL AND lease_until > now() ORDER BY created_at, id`,
        [],
      ),
    ]);
    return workers.map((worker) => toWorkerView(worker, runs));
  }
}

interface WorkerRow {
  readonly id: string;
  readonly name: string;
  readonly concurrency: number;
  readonly draining: boolean;
  readonly lost: boolean;
  readonly started_at: Date;
  readonly seen_at: Date;
}

function toWorkerView(
  { id, name, concurrency, draining, lost, started_at, seen_at }: WorkerRow,
  runs: readonly (ActiveRun & { readonly owner: string })[],
): WorkerView {
  const working = draining ? 'draining' : 'working';
  return {
    ...{ id, name, concurrency },
    state: lost ? 'lost' : working,
    startedAt: started_at.toISOString(),
    seenAt: seen_at.toISOString(),
    runs: runs.filter(({ owner }) => owner === name).map(({ owner: _owner, ...run }) => run),
  };
}
