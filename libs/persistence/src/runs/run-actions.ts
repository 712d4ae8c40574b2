import { type RunAction, statusesFor } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { appendEvent } from './events';
import type { DueRunRow } from './run-ledger';
import { RUN_CHANGED_CHANNEL, rowsOf } from './transaction';

/** What an operator wants of a run. */
export type WantedAction =
  | { readonly action: 'resume' | 'roll-back' }
  | { readonly action: 'cancel'; readonly machine: 'roll-back' | 'keep' };

/** What each action changes of the run's row; `$2` is what shall become of the machine. */
const CHANGES: Record<RunAction, string> = {
  // The worker that has the run hears of it when it renews its lease; else the next one that takes the run.
  cancel: 'cancel = $2',
  resume: "status = 'pending', cancel = $2, failure = NULL, ended_at = NULL",
  'roll-back': "status = 'rolling_back', cancel = $2, ended_at = NULL",
};

/** Lets operators decide about runs. */
export class RunActions {
  constructor(private readonly database: DataSource) {}

  /** Does it and tells of it in one transaction; undefined when the run's status does not allow it. */
  async take(id: string, wanted: WantedAction, by: string): Promise<DueRunRow | undefined> {
    const { action } = wanted;
    const machine = wanted.action === 'cancel' ? wanted.machine : null;
    return this.database.transaction(async (manager) => {
      const [run] = await rowsOf<DueRunRow>(
        manager,
        `UPDATE run SET ${CHANGES[action]}, due_at = now(), revision = revision + 1
         WHERE id = $1 AND status = ANY($3) AND ($2::text IS NULL OR cancel IS NULL)
         RETURNING id, kind, status, lease_token AS "leaseToken"`,
        [id, machine, statusesFor(action)],
      );
      if (run) {
        await appendEvent(manager, id, 'run.status', { status: run.status, action, by });
        await manager.query('SELECT pg_notify($1, $2)', [RUN_CHANGED_CHANNEL, id]);
      }
      return run;
    });
  }
}
