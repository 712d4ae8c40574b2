import type { LimitView, Maintenance, RunKind, RunStatus, RunWaiting } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { readLimits } from './limits';
import { LOST_AFTER_SECONDS } from './worker-register';

/** What decides why runs wait. */
export interface QueueState {
  readonly maintenance: Maintenance;
  /** Workers that live and are not draining. */
  readonly workers: number;
  /** Deployments that those take at once. */
  readonly places: number;
  /** Deployments at work now. */
  readonly active: number;
  readonly limits: readonly LimitView[];
}

/** A run that nobody is at. */
export interface WaitingRun {
  readonly status: RunStatus;
  readonly kind: RunKind;
  readonly limits: readonly string[];
  readonly dueAt: Date;
  readonly failure: { readonly message: string } | null;
  /** Its place in the queue; null where that is not asked for. */
  readonly place: number | null;
}

/** Kinds of runs that take one of the places of the workers: those that change machines. */
const KINDS_IN_PLACES: readonly RunKind[] = ['deploy-vm', 'adopt-vm', 'power', 'decommission'];

/** Reads what decides why runs wait. */
export async function readQueueState(database: DataSource): Promise<QueueState> {
  const [[totals], limits] = await Promise.all([
    rowsOf<Totals>(
      database,
      `SELECT (SELECT count(*)::int FROM worker WHERE NOT draining AND ${ALIVE}) AS workers,
         (SELECT coalesce(sum(concurrency), 0)::int FROM worker WHERE NOT draining AND ${ALIVE}) AS places,
         (SELECT count(*)::int FROM run WHERE lease_owner IS NOT NULL AND lease_until > now()
            AND kind IN (${KINDS_IN_PLACES.map((kind) => `'${kind}'`).join(', ')})) AS active,
         (SELECT to_jsonb(maintenance) FROM maintenance) AS maintenance`,
      [],
    ),
    readLimits(database),
  ]);
  const { workers = 0, places = 0, active = 0, maintenance = null } = totals ?? {};
  return { maintenance: maintenanceOf(maintenance), workers, places, active, limits };
}

/** Why a run waits, in the order in which a worker would find out. */
export function waitingOf(run: WaitingRun, state: QueueState, now = new Date()): RunWaiting {
  const { place } = run;
  if (run.dueAt > now) {
    const message = `Tried again at ${timeOf(run.dueAt)}. ${run.failure?.message ?? ''}`.trim();
    return { code: 'retry', message, until: run.dueAt.toISOString(), place: null };
  }
  const { code, message } = run.status === 'pending' ? obstacleOf(run, state) : pauseOf(run, state);
  return {
    code,
    until: null,
    message: place === null ? message : `${message} Place ${place} in the queue.`,
    place,
  };
}

type Reason = Pick<RunWaiting, 'code' | 'message'>;

const NO_WORKER: Reason = { code: 'no-worker', message: 'No worker takes runs now.' };
const SOON: Reason = { code: 'queued', message: 'A worker takes it in a moment.' };

/** Why nobody is at a run that has begun. What is to be undone is held up by nothing but the lack of workers. */
function pauseOf({ status }: WaitingRun, { workers }: QueueState): Reason {
  if (workers === 0) {
    return NO_WORKER;
  }
  return status === 'running'
    ? { code: 'worker-lost', message: 'Its worker was lost; another one takes it over.' }
    : SOON;
}

function obstacleOf(
  { kind, limits }: WaitingRun,
  { maintenance, workers, places, active, limits: known }: QueueState,
): Reason {
  if (maintenance.on) {
    const why = maintenance.reason ? `: ${maintenance.reason}` : '';
    return { code: 'maintenance', message: `Maintenance, no new work is started${why}.` };
  }
  if (workers === 0) {
    return NO_WORKER;
  }
  const full = known.find(
    ({ name, active: used, limit }) => limits.includes(name) && used >= limit,
  );
  if (full) {
    const message = `${full.label} has ${full.active} of ${full.limit} runs at work.`;
    return { code: 'limit', message };
  }
  return KINDS_IN_PLACES.includes(kind) && active >= places
    ? { code: 'workers-busy', message: `All ${places} places of the workers are taken.` }
    : SOON;
}

/** UTC, as everywhere; whoever shows it has `until` for another zone. */
function timeOf(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}

interface StoredMaintenance {
  readonly reason: string | null;
  readonly set_by: string;
  readonly since: string;
}

interface Totals {
  readonly workers: number;
  readonly places: number;
  readonly active: number;
  readonly maintenance: StoredMaintenance | null;
}

const ALIVE = `seen_at > now() - ${LOST_AFTER_SECONDS} * interval '1 second'`;

function maintenanceOf(stored: StoredMaintenance | null): Maintenance {
  return stored
    ? {
        on: true,
        reason: stored.reason,
        by: stored.set_by,
        since: new Date(stored.since).toISOString(),
      }
    : { on: false, reason: null, by: null, since: null };
}
