import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENQUEUE } from '../bounds';
import { askedRuns } from './asked-runs';
import { measureClaims } from './claims';
import { measureEnqueue, redisMemory } from './enqueue';
import { countAnew, type QueueBench, settleAll, startQueueBench } from './queue-bench';
import { QueueReport } from './queue-report';
import { measureWaiting } from './waiting';
import { consumePeer, measureWakeUps } from './wake-ups';

const CLAIMS = { free: 200, others: 50 } as const;
const READS = 100;

const report = new QueueReport();
let bench: QueueBench;

beforeAll(async () => {
  bench = await startQueueBench();
});

afterAll(async () => {
  await report.write();
  await bench?.servers.stop();
});

async function ask() {
  return {
    claims: await measureClaims(bench, CLAIMS),
    waiting: await measureWaiting(bench, READS),
  };
}

describe('a queue of ten thousand runs', () => {
  it('takes each in time, however many wait', async () => {
    await measureEnqueue(bench, askedRuns(0, ENQUEUE.warmUp));
    report.short = await ask();
    await settleAll(bench);
    const figures = await measureEnqueue(bench, askedRuns(ENQUEUE.warmUp, ENQUEUE.runs));
    report.enqueue = figures;

    expect(figures.jobs).toBe(ENQUEUE.runs);
    expect(figures.all.whole.p99, 'p99 of enqueues, ms').toBeLessThan(ENQUEUE.p99Ms);
    expect(figures.growth, 'growth beside a bare INSERT').toBeLessThan(ENQUEUE.growth);
  });

  it('gives the highest first, and what is not blocked', async () => {
    report.surprised = await ask();
    await countAnew(bench);
    report.long = await ask();

    for (const { claims, waiting } of [report.surprised, report.long]) {
      expect(claims).toMatchObject({ inOrder: true, blockedInOrder: true });
      expect(waiting.places[0]).toBe(1);
    }
  });

  it('does not keep a worker from its work, and has little memory', async () => {
    report.bare = await consumePeer(bench);
    report.redisOwn = await redisMemory(bench);
    report.wakeUps = await measureWakeUps(bench);

    expect(report.wakeUps).toMatchObject({ jobs: ENQUEUE.runs, started: 0 });
    expect(report.wakeUps.undone).toBeGreaterThan(0);
  });
});
