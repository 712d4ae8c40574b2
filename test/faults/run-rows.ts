import type { RunFailure, RunStatus } from '@diaken/contracts';
import { Pool } from 'pg';

/** What a run's row says. */
export interface RunRow {
  readonly status: RunStatus;
  readonly failure: RunFailure | null;
  /** The worker that has it, as `<host name>:<process id>`. */
  readonly lease_owner: string | null;
  readonly lease_token: number;
}

/** Reads what workers have stored, from the tables themselves: what the API would tell is not the question here. */
export class RunRows {
  private readonly pool: Pool;

  constructor(databaseUrl: string) {
    this.pool = new Pool({ connectionString: databaseUrl, max: 4 });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async run(runId: string): Promise<RunRow> {
    const row = await this.one<RunRow>(
      'SELECT status, failure, lease_owner, lease_token FROM run WHERE id = $1',
      [runId],
    );
    if (!row) {
      throw new Error(`There is no run ${runId}`);
    }
    return row;
  }

  /** The process that has the run. Throws when nobody has it. */
  async workerOf(runId: string): Promise<number> {
    const { lease_owner: owner } = await this.run(runId);
    const pid = Number(owner?.split(':').at(-1));
    if (!Number.isInteger(pid)) {
      throw new Error(`No worker has the run ${runId}`);
    }
    return pid;
  }

  /** What a step has noted. */
  async notes(runId: string, step: string): Promise<Readonly<Record<string, unknown>>> {
    const row = await this.one<{ notes: Record<string, unknown> }>(
      'SELECT notes FROM run_step WHERE run_id = $1 AND name = $2',
      [runId, step],
    );
    return row?.notes ?? {};
  }

  /** Whether vCenter has said which task clones the run's machine. */
  async isCloning(runId: string): Promise<boolean> {
    return typeof (await this.notes(runId, 'clone-template'))['task'] === 'string';
  }

  /** The reference of the run's machine in vCenter. Throws until its clone is recorded. */
  async moRef(runId: string): Promise<string> {
    const row = await this.one<{ moRef: string | null }>(
      `SELECT gives -> 'machine' ->> 'moRef' AS "moRef" FROM run_step
       WHERE run_id = $1 AND name = 'clone-template'`,
      [runId],
    );
    if (!row?.moRef) {
      throw new Error(`The run ${runId} has no machine yet`);
    }
    return row.moRef;
  }

  /** The reference of the template that the run clones. */
  async template(runId: string): Promise<string> {
    const row = await this.one<{ moRef: string }>(
      `SELECT request -> 'placement' -> 'template' ->> 'moRef' AS "moRef" FROM run WHERE id = $1`,
      [runId],
    );
    return row?.moRef ?? '';
  }

  /** When workers took the run, in their order, ms since 1970. */
  claims(runId: string): Promise<readonly number[]> {
    return this.times(runId, `type = 'run.claimed'`);
  }

  /** Who took the run, in their order, each as `<host name>:<process id>`. */
  async claimants(runId: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ worker: string }>(
      `SELECT body ->> 'worker' AS worker FROM run_event
       WHERE run_id = $1 AND type = 'run.claimed' ORDER BY id`,
      [runId],
    );
    return rows.map(({ worker }) => worker);
  }

  /** The steps that have ended well, as often and in the order in which that was told. */
  async successes(runId: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ step: string }>(
      `SELECT body ->> 'step' AS step FROM run_event
       WHERE run_id = $1 AND type = 'step.status' AND body ->> 'status' = 'success' ORDER BY id`,
      [runId],
    );
    return rows.map(({ step }) => step);
  }

  /** Everything that is written of a run, to see whether more is. */
  async whole(runId: string): Promise<unknown> {
    return this.one(
      `SELECT to_jsonb(run) AS run,
         (SELECT jsonb_agg(run_step ORDER BY position) FROM run_step WHERE run_id = $1) AS steps,
         (SELECT count(*) FROM run_event WHERE run_id = $1) AS events
       FROM run WHERE id = $1`,
      [runId],
    );
  }

  /** Takes a run away from whoever has it, in the name of a worker that there is not. */
  async steal(runId: string): Promise<void> {
    await this.pool.query(
      `UPDATE run SET lease_token = lease_token + 1, lease_owner = 'nobody:0',
         lease_until = now() + interval '1 hour' WHERE id = $1`,
      [runId],
    );
  }

  /** Lets any worker take the run. */
  async free(runId: string): Promise<void> {
    await this.pool.query('UPDATE run SET lease_until = now() WHERE id = $1', [runId]);
  }

  /** When it ended, ms since 1970; more than one time would be a fault. */
  ends(runId: string): Promise<readonly number[]> {
    return this.times(runId, `type = 'run.status' AND body ->> 'status' IN ('success', 'failed')`);
  }

  /** Hosts that the run registered, and names and addresses that are theirs. */
  async belongings(runId: string): Promise<{ hosts: number; reservations: number }> {
    const row = await this.one<{ hosts: number; reservations: number }>(
      `SELECT (SELECT count(*) FROM host WHERE created_by_run = $1)::int AS hosts,
         (SELECT count(*) FROM reservation JOIN host ON host.id = host_id
          WHERE run_id = $1 AND created_by_run = $1)::int AS reservations`,
      [runId],
    );
    return row ?? { hosts: 0, reservations: 0 };
  }

  private async times(runId: string, condition: string): Promise<readonly number[]> {
    const { rows } = await this.pool.query<{ at: Date }>(
      `SELECT at FROM run_event WHERE run_id = $1 AND ${condition} ORDER BY id`,
      [runId],
    );
    return rows.map(({ at }) => at.getTime());
  }

  private async one<Row extends object>(
    statement: string,
    values: readonly unknown[],
  ): Promise<Row | undefined> {
    const { rows } = await this.pool.query<Row>(statement, [...values]);
    return rows[0];
  }
}
