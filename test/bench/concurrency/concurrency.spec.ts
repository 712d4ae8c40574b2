import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONCURRENCY } from '../bounds';
import { medianOf } from '../measure/spread';
import { type ConcurrencyBench, startConcurrencyBench } from './concurrency-bench';
import { ConcurrencyReport } from './concurrency-report';
import { bareTogether, together } from './measure-together';

const report = new ConcurrencyReport();
let bench: ConcurrencyBench;

beforeAll(async () => {
  bench = await startConcurrencyBench();
});

afterAll(async () => {
  await report.write();
  await bench?.servers.stop();
});

describe('a worker with fifty deployments at once', () => {
  it('takes little longer than vCenter lets one of them wait', async () => {
    const { rounds, runs, warmUp, ratio } = CONCURRENCY;
    await bareTogether(bench, warmUp);
    await together(bench, warmUp);
    for (let round = 0; round < rounds; round++) {
      const alone = await together(bench, 1);
      const bare = await bareTogether(bench, runs);
      report.rounds.push({ alone, bare, many: await together(bench, runs) });
    }

    expect(medianOf(report.ratios), 'wall time by outside waits').toBeLessThan(ratio);
  });
});
