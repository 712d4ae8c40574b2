import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BenchSystem, startBenchSystem } from './bench-system';
import { IDLE_SECONDS, POLLS, SUBMIT } from './bounds';
import { residentMemory } from './measure/process-figures';
import { measurePolls } from './polls/polls';
import { Report } from './report/report';
import { measureBare, measureSubmit } from './submit/submit';

const report = new Report();
let system: BenchSystem;
let registered: Awaited<ReturnType<BenchSystem['registerLab']>>;
let runs: readonly string[] = [];

beforeAll(async () => {
  system = await startBenchSystem();
  const worker = await system.startWorker();
  await pause(IDLE_SECONDS * 1_000);
  report.memory.idleApi = await residentMemory(system.api.pid);
  report.memory.idleWorker = await residentMemory(worker.pid);
  registered = await system.registerLab();
  await worker.stop();
});

afterAll(async () => {
  await report.write();
  await system?.stop();
});

describe('the API', () => {
  it('takes submissions in time, and loses none that it accepted', async () => {
    const { ids, kept, ...figures } = await measureSubmit(system, registered);
    runs = ids;
    report.submit = { ...figures, kept };
    report.memory.apiAfterSubmissions = await residentMemory(system.api.pid);

    const { latencies, statuses } = figures.measured;
    expect(statuses).toEqual({ 202: SUBMIT.ratePerSecond * SUBMIT.seconds });
    expect(kept.lost).toEqual([]);
    expect(kept).toMatchObject({ answered: ids.length, rows: ids.length, jobs: ids.length });
    expect(latencies.p99, 'p99 of submissions, ms').toBeLessThan(SUBMIT.p99Ms);
  });

  it('answers polls of unchanged runs in time, with 304 and nothing else', async () => {
    report.polls = await measurePolls(system, registered.token, runs.slice(0, POLLS.runs));
    report.memory.apiAfterPolls = await residentMemory(system.api.pid);

    const { latencies, statuses } = report.polls;
    expect(statuses).toEqual({ 304: POLLS.ratePerSecond * POLLS.seconds });
    expect(latencies.p99, 'p99 of polls, ms').toBeLessThan(POLLS.p99Ms);
  });
});

describe('a bare server', () => {
  it('takes the same submissions, to compare with', async () => {
    const { ids, ...figures } = await measureBare(system, registered.needed);
    report.bare = figures;

    expect(ids).toHaveLength(runs.length);
  });
});
