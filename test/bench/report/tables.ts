import { IDLE_MEMORY_AIM_MIB, POLLS, SUBMIT } from '../bounds';
import type { ResidentMemory } from '../measure/process-figures';
import type { UnderLoad } from '../measure/under-load';
import type { KeptRuns } from '../submit/kept-runs';
import { table } from './markdown';

/** Resident memory by the moment it was read. */
export interface Memory {
  idleApi?: ResidentMemory;
  idleWorker?: ResidentMemory;
  apiAfterSubmissions?: ResidentMemory;
  apiAfterPolls?: ResidentMemory;
}

/** One row for each load: how long its answers took, and what they cost. */
export function loadTable(loads: readonly (readonly [string, UnderLoad | undefined])[]): string {
  const head = [
    'load',
    'answers',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'max ms',
    'sent late max ms',
    'CPU ms/request: server',
    'PostgreSQL',
    'Redis',
    'cores taken by others',
    'fixed work ms',
  ];
  const rows = loads.flatMap(([name, load]) => (load ? [loadRow(name, load)] : []));
  const bounds =
    `Bounds: p99 of POST /deployments < ${SUBMIT.p99Ms} ms, ` +
    `of GET /runs/:id/status < ${POLLS.p99Ms} ms.`;
  return `${table(head, rows)}\n\n${bounds}`;
}

function loadRow(name: string, load: UnderLoad): readonly string[] {
  const { latencies, statuses, cpuPerRequest, coresTakenByOthers } = load;
  const { p50, p95, p99, max, sentLateMax } = latencies;
  const answers = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  return [
    name,
    answers.join(', '),
    ...[p50, p95, p99, max, sentLateMax].map((ms) => ms.toFixed(1)),
    ...[cpuPerRequest.http, cpuPerRequest.postgres, cpuPerRequest.redis].map((ms) => ms.toFixed(2)),
    coresTakenByOthers.toFixed(2),
    load.fixedWorkMs.toFixed(0),
  ];
}

/** What the API adds to the least that a submission costs. */
export function comparisonTable(api: UnderLoad, bare: UnderLoad): string {
  const figures: [string, (load: UnderLoad) => number][] = [
    ['p50, ms', ({ latencies }) => latencies.p50],
    ['p99, ms', ({ latencies }) => latencies.p99],
    ['CPU of the server, ms/request', ({ cpuPerRequest }) => cpuPerRequest.http],
    ['CPU of PostgreSQL, ms/request', ({ cpuPerRequest }) => cpuPerRequest.postgres],
  ];
  const rows = figures.map(([name, of]) => [
    name,
    of(api).toFixed(2),
    of(bare).toFixed(2),
    `${(of(api) / of(bare)).toFixed(1)} ×`,
  ]);
  return table(['submission', 'API', 'bare', 'API / bare'], rows);
}

export function keptLine({ answered, rows, jobs, lost }: KeptRuns): string {
  return `Accepted: ${answered}. Rows in \`run\`: ${rows}. Bull jobs waiting: ${jobs}. Lost: ${lost.length}.`;
}

export function memoryTable(memory: Memory): string {
  const rows: [string, ResidentMemory | undefined][] = [
    ['API, idle after its start', memory.idleApi],
    ['worker, idle after its start', memory.idleWorker],
    ['API after the submissions', memory.apiAfterSubmissions],
    ['API after the polls', memory.apiAfterPolls],
  ];
  const known = rows.flatMap(([name, read]) =>
    read ? [[name, read.now.toFixed(0), read.peak.toFixed(0)]] : [],
  );
  const aim = `Aim: below ${IDLE_MEMORY_AIM_MIB} MiB when idle.`;
  return `${table(['resident memory', 'MiB', 'peak MiB'], known)}\n\n${aim}`;
}
