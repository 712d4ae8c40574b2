import type { RunKind } from '@diaken/contracts';
import type { Lease } from '@diaken/pipeline';
import type { DataSource, EntityManager } from 'typeorm';
import { appendEvent } from '../runs/events';
import { rowsOf } from '../runs/transaction';
import { IS_FREE, IS_WORKABLE } from '../runs/workable';
import { FULL_LIMITS } from './limits';

/** Any number that nobody else locks in our database: one worker at a time takes a run, so limits are exact. */
const CLAIM_LOCK = 4_227_002;

/**
 * The first run in the order of the queue that may be taken now. What is to be undone is always taken, also when a worker
 * gave it back before it heard of that; what has begun is taken also in maintenance; and nothing else where a limit is
 * reached.
 */
const CLAIM = `
  WITH next AS (
    SELECT id FROM run
    WHERE ${IS_WORKABLE} AND ${IS_FREE} AND kind = ANY($1) AND due_at <= now()
      AND (status IN ('cancelling', 'rolling_back') OR cancel IS NOT NULL
        OR ($2 AND (status = 'running' OR NOT EXISTS (SELECT FROM maintenance)) AND NOT limits && $3::text[]))
    ORDER BY (status = 'pending'), priority DESC, due_at, id LIMIT 1
  )
  UPDATE run SET lease_owner = $4, lease_token = lease_token + 1, revision = revision + 1,
    lease_until = now() + $5 * interval '1 millisecond',
    losses = losses + CASE WHEN status = 'pending' THEN 0 ELSE 1 END
  FROM next WHERE run.id = next.id
  RETURNING run.id, run.lease_token AS token, run.log_lines AS "logLines"`;

export interface RunClaimsOptions {
  /** Names the worker in the lease and in the run's events. */
  readonly worker: string;
  /** How long a lease lasts without being renewed. */
  readonly leaseMs: number;
}

/** Which runs a worker looks for. */
export interface Wanted {
  readonly kinds: readonly RunKind[];
  /** Whether it has room for work; without room it takes only what is to be undone. */
  readonly hasRoom: boolean;
}

/** Gives runs to workers: the queue proper, in the order of priorities and within the limits. */
export class RunClaims {
  constructor(
    private readonly database: DataSource,
    private readonly options: RunClaimsOptions,
  ) {}

  /** Takes the next run; undefined when there is none that may be taken now. */
  async next({ kinds, hasRoom }: Wanted): Promise<Lease | undefined> {
    const { worker, leaseMs } = this.options;
    return this.database.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [CLAIM_LOCK]);
      const full = await fullLimits(manager);
      const values = [kinds, hasRoom, full, worker, leaseMs];
      const [run] = await rowsOf<ClaimedRow>(manager, CLAIM, values);
      if (!run) {
        return undefined;
      }
      await appendEvent(manager, run.id, 'run.claimed', { worker, attempt: run.token });
      return { runId: run.id, token: run.token, logLines: run.logLines };
    });
  }
}

interface ClaimedRow {
  readonly id: string;
  readonly token: number;
  readonly logLines: number;
}

async function fullLimits(manager: EntityManager): Promise<readonly string[]> {
  const rows = await rowsOf<{ name: string }>(manager, FULL_LIMITS, []);
  return rows.map(({ name }) => name);
}
