import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type ProcessWork, watched } from '../measure/process-work';
import { ask } from './ask';
import { bareChains } from './bare-chains';
import type { ConcurrencyBench } from './concurrency-bench';

/** Steps that wait for vCenter; the others wait for nothing outside here. */
const OUTSIDE = [
  ...['preflight', 'clone-template', 'configure-hardware', 'customize-guest', 'power-on'],
  ...['wait-for-address', 'verify-machine'],
];

/** What some deployments at once took. */
export interface Together {
  readonly count: number;
  /** From the first claim to the end of the last run, ms. */
  readonly wallMs: number;
  /** From the first claim to the last, which found nothing more, ms. */
  readonly claimedMs: number;
  /** Of one run, the median: what its steps that wait for vCenter took, one after the other, ms. */
  readonly chainMs: number;
  /** How long each step took, ms, the median of all runs. */
  readonly stepMs: Readonly<Record<string, number>>;
  /** Calls to vCenter, by method. */
  readonly calls: Readonly<Record<string, number>>;
  /** Of PostgreSQL; a transaction has one statement or more. */
  readonly transactions: number;
  readonly statements: number;
  /** The longest that this process kept everything else waiting, ms. */
  readonly stallMs: number;
  readonly took: ProcessWork;
}

/** Deploys so many machines at once; throws unless every one of them is there in the end. */
export async function together(bench: ConcurrencyBench, count: number): Promise<Together> {
  const { worker, database } = bench;
  const ids = await ask(database, bench.machines(count));
  const before = await figures(bench);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { took, result: claimedMs } = await watched(participants(bench), () => worker.workOff());
  delay.disable();
  const after = await figures(bench);
  await requireSuccess(bench, ids);
  const steps = await stepTimes(bench, ids);
  return {
    ...{ count, wallMs: took.wallMs, claimedMs, took, stepMs: steps, stallMs: delay.max / 1e6 },
    chainMs: OUTSIDE.reduce((sum, name) => sum + (steps[name] ?? 0), 0),
    calls: Object.fromEntries(
      Object.entries(after.calls)
        .map(([name, calls]) => [name, calls - (before.calls[name] ?? 0)] as const)
        .filter(([, calls]) => calls > 0),
    ),
    transactions: after.transactions - before.transactions,
    statements: after.statements - before.statements,
  };
}

/** So many bare chains at once, to compare with. */
export async function bareTogether(bench: ConcurrencyBench, count: number): Promise<ProcessWork> {
  const machines = bench.machines(count);
  const { took } = await watched(participants(bench), () => bareChains(bench.bare, machines));
  return took;
}

function participants({ servers, lab }: ConcurrencyBench) {
  return { postgres: { pid: servers.postgresPid, forks: true }, vcenter: { pid: lab.pid } };
}

async function figures({ statements: { statements, transactions }, lab }: ConcurrencyBench) {
  return { statements, transactions, calls: await lab.rules.calls() };
}

async function requireSuccess(
  { database, worker }: ConcurrencyBench,
  ids: readonly string[],
): Promise<void> {
  const bad: readonly { status: string; failure: unknown }[] = await database.query(
    "SELECT status, failure FROM run WHERE id = ANY($1) AND status <> 'success'",
    [ids],
  );
  if (bad.length > 0 || worker.unexpected.length > 0) {
    const [first] = bad;
    const what = JSON.stringify(first?.failure ?? first) ?? String(worker.unexpected[0]);
    throw new Error(`${bad.length} of ${ids.length} runs did not end well: ${what}`);
  }
}

async function stepTimes(
  { database }: ConcurrencyBench,
  ids: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const rows: readonly { name: string; ms: number }[] = await database.query(
    `SELECT name, (percentile_disc(0.5) WITHIN GROUP (
         ORDER BY extract(epoch FROM ended_at - started_at)) * 1000)::float AS ms
     FROM run_step WHERE run_id = ANY($1) AND status = 'success' GROUP BY name, position
     ORDER BY position`,
    [ids],
  );
  return Object.fromEntries(rows.map(({ name, ms }) => [name, ms]));
}
