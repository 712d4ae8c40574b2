import {
  type CancelManyRequest,
  type ResumeRequest,
  type RunAction,
  statusesFor,
} from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { appendEvent } from './events';
import type { DueRunRow } from './run-ledger';
import { RUN_CHANGED_CHANNEL, RUN_DECIDED_CHANNEL, rowsOf } from './transaction';
import { IS_FREE } from './workable';

/** What an operator wants of a run. */
export type WantedAction =
  | { readonly action: 'roll-back' | 'keep' }
  | { readonly action: 'resume'; readonly edits: ResumeRequest }
  | { readonly action: 'cancel'; readonly machine: 'roll-back' | 'keep' };

type Decision = Exclude<RunAction, 'relaunch' | 'cancel'>;

/** What each action changes of the run's row. */
const CHANGES: Record<Decision, string> = {
  resume: `status = 'pending', cancel = NULL, failure = NULL, ended_at = NULL, attempt = 0, losses = 0,
    expires_at = NULL, due_at = now()`,
  'roll-back': `status = 'rolling_back', cancel = NULL, ended_at = NULL, losses = 0, expires_at = NULL,
    due_at = now()`,
  keep: 'expires_at = NULL',
};

const CHANGED_ROW = 'RETURNING id, kind, status, lease_token AS "leaseToken"';

/** What else must hold, besides the status. */
const CONDITIONS: Record<Decision, string> = {
  resume: 'true',
  'roll-back': "(status <> 'cancelled' OR cancel = 'keep')",
  keep: 'expires_at IS NOT NULL',
};

/**
 * Cancels runs: one that has never been begun ends at once, with all that it held; one that waits half-done is undone by
 * the next worker; one that a worker has is undone by that worker, which hears of it.
 */
const CANCEL = `
  UPDATE run SET cancel = $2, decided_by = $3, due_at = now(), losses = 0, revision = revision + 1,
    status = CASE WHEN status <> 'pending' OR NOT ${IS_FREE} THEN status
      WHEN started_at IS NULL THEN 'cancelled' ELSE 'cancelling' END,
    ended_at = CASE WHEN status = 'pending' AND ${IS_FREE} AND started_at IS NULL THEN now() END
  WHERE id = ANY($1) AND status = ANY($4) AND cancel IS NULL ${CHANGED_ROW}`;

/** Lets operators decide about runs. */
export class RunActions {
  constructor(private readonly database: DataSource) {}

  /** Does it and tells of it in one transaction; undefined when the run does not allow it. */
  async take(id: string, wanted: WantedAction, by: string): Promise<DueRunRow | undefined> {
    if (wanted.action === 'cancel') {
      const [run] = await this.cancel([id], wanted.machine, by);
      return run;
    }
    const { action } = wanted;
    return this.database.transaction(async (manager) => {
      const [run] = await rowsOf<DueRunRow>(
        manager,
        `UPDATE run SET ${CHANGES[action]}, decided_by = $3, revision = revision + 1
         WHERE id = $1 AND status = ANY($2) AND ${CONDITIONS[action]} ${CHANGED_ROW}`,
        [id, statusesFor(action), action === 'roll-back' ? by : null],
      );
      if (run && wanted.action === 'resume') {
        await edit(manager, id, wanted.edits, by);
      }
      await tell(manager, run ? [run] : [], { action, by });
      return run;
    });
  }

  /** Cancels those of the runs that can be; answers these. */
  async cancel(
    ids: readonly string[],
    machine: 'roll-back' | 'keep',
    by: string,
  ): Promise<readonly DueRunRow[]> {
    return this.database.transaction(async (manager) => {
      const values = [ids, machine, by, statusesFor('cancel')];
      const runs = await rowsOf<DueRunRow>(manager, CANCEL, values);
      const ended = runs.filter(({ status }) => status === 'cancelled').map(({ id }) => id);
      if (ended.length > 0) {
        const release = 'DELETE FROM reservation WHERE run_id = ANY($1) AND host_id IS NULL';
        await manager.query(release, [ended]);
      }
      await tell(manager, runs, { action: 'cancel', machine, by });
      return runs;
    });
  }

  /** Ids of the runs that a request to cancel many means. */
  async cancellable(filter: Omit<CancelManyRequest, 'machine'>): Promise<readonly string[]> {
    const { ids, status, kind, target, requestedBy, batchId } = filter;
    const rows = await rowsOf<{ id: string }>(
      this.database,
      `SELECT id FROM run WHERE status = ANY($1) AND cancel IS NULL
         AND ($2::uuid[] IS NULL OR id = ANY($2)) AND ($3::text IS NULL OR status = $3)
         AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR requested_by = $5)
         AND ($6::text IS NULL OR strpos(lower(target), lower($6)) > 0)
         AND ($7::uuid IS NULL OR batch_id = $7)
       ORDER BY (status = 'pending') DESC, priority, due_at DESC`,
      [
        ...[statusesFor('cancel'), ids ?? null, status ?? null],
        ...[kind ?? null, requestedBy ?? null, target ?? null, batchId ?? null],
      ],
    );
    return rows.map(({ id }) => id);
  }

  /** Rolls back what was to be kept for some time only; answers those runs. */
  async expire(): Promise<readonly DueRunRow[]> {
    return this.database.transaction(async (manager) => {
      const by = 'the janitor: it was to be kept only so long after it failed';
      const runs = await rowsOf<DueRunRow>(
        manager,
        `UPDATE run SET ${CHANGES['roll-back']}, decided_by = $1, revision = revision + 1
         WHERE status = 'failed' AND expires_at < now() ${CHANGED_ROW}`,
        [by],
      );
      await tell(manager, runs, { action: 'roll-back', by });
      return runs;
    });
  }
}

async function edit(
  manager: EntityManager,
  id: string,
  edits: ResumeRequest,
  by: string,
): Promise<void> {
  if (Object.keys(edits).length > 0) {
    await manager.query('UPDATE run SET request = request || $2 WHERE id = $1', [id, edits]);
    await appendEvent(manager, id, 'run.edited', { by, ...edits });
  }
}

/** Appends an event to each run, and wakes whoever shows it or works on it. */
async function tell(
  manager: EntityManager,
  runs: readonly DueRunRow[],
  what: Readonly<Record<string, string>>,
): Promise<void> {
  if (runs.length === 0) {
    return;
  }
  const ids = runs.map(({ id }) => id);
  await manager.query(
    `INSERT INTO run_event (run_id, type, body)
     SELECT id, 'run.status', jsonb_build_object('status', status) || $2 FROM run WHERE id = ANY($1)`,
    [ids, what],
  );
  await manager.query(
    'SELECT pg_notify($2, id::text), pg_notify($3, id::text) FROM unnest($1::uuid[]) AS id',
    [ids, RUN_CHANGED_CHANNEL, RUN_DECIDED_CHANNEL],
  );
}
