import { setTimeout as pause } from 'node:timers/promises';
import type { Queue } from 'bull';
import { type ResidentMemory, residentMemory } from '../measure/process-figures';
import { type ProcessWork, watched } from '../measure/process-work';
import { type Spread, spreadOf } from '../measure/spread';
import type { QueueBench } from './queue-bench';
import { UndoProbes } from './undo-probes';

/** As many jobs as a worker has at once, see JOBS_AT_ONCE of its processors. */
const JOBS_AT_ONCE = 20;
/** More than this, and something hangs, ms. */
const LONGEST_MS = 120_000;
/** How long the worker is left alone before its memory is read, ms. */
const IDLE_MS = 3_000;
/** The most runs that are to be undone meanwhile. */
const PROBES = 200;

/** A worker of its own that finds a full queue of jobs, none of whose runs it may start. */
export interface WakeUpFigures {
  readonly jobs: number;
  readonly took: ProcessWork;
  /** From the wish to undo a run until it was undone, while the worker consumes jobs, ms. */
  readonly undoing: Spread;
  readonly undone: number;
  /** Runs that were started although they may not be. */
  readonly started: number;
  readonly idle: ResidentMemory;
  readonly after: ResidentMemory;
}

/** Lets a worker in maintenance consume every job; meanwhile runs are to be undone, which it does nevertheless. */
export async function measureWakeUps(bench: QueueBench): Promise<WakeUpFigures> {
  const { servers, database, jobs, overview, participants } = bench;
  await overview.startMaintenance('bench', 'nothing is to be started');
  await jobs.pause();
  const count = await jobs.getWaitingCount();
  const worker = await servers.startWorker({ DIAKEN_WORKER_CONCURRENCY: '1' });
  await pause(IDLE_MS);
  const idle = await residentMemory(worker.pid);
  const probes = new UndoProbes(database, await someWaiting(bench));
  const { took } = await watched({ ...participants, worker: { pid: worker.pid } }, async () => {
    await jobs.resume();
    probes.start();
    await untilEmpty(jobs);
  });
  const undone = await probes.stop();
  await pause(IDLE_MS);
  const after = await residentMemory(worker.pid);
  await worker.stop();
  const started = await countStarted(bench);
  await overview.endMaintenance();
  const undoing = spreadOf(undone);
  return { jobs: count, took, undoing, undone: undone.length, started, idle, after };
}

async function someWaiting({ database }: QueueBench): Promise<readonly string[]> {
  const rows: readonly { id: string }[] = await database.query(
    "SELECT id FROM run WHERE status = 'pending' ORDER BY id LIMIT $1",
    [PROBES],
  );
  return rows.map(({ id }) => id);
}

async function countStarted({ database }: QueueBench): Promise<number> {
  const [row]: readonly { count: string }[] = await database.query(
    "SELECT count(*) FROM run WHERE status NOT IN ('pending', 'rolled_back', 'success')",
  );
  return Number(row?.count);
}

/** The least that consuming costs: the peer's jobs, and nothing done for them. */
export async function consumePeer({ peer, participants }: QueueBench): Promise<ProcessWork> {
  const { took } = await watched(participants, async () => {
    void peer.process(JOBS_AT_ONCE, () => Promise.resolve());
    await untilEmpty(peer);
  });
  return took;
}

async function untilEmpty(queue: Queue): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    const { waiting, active } = await queue.getJobCounts();
    if (waiting + active === 0) {
      return;
    }
    if (performance.now() > until) {
      throw new Error(`${waiting} jobs wait and ${active} go on after ${LONGEST_MS / 1_000} s`);
    }
    await pause(50);
  }
}
