import { MAX_PRIORITY } from '@diaken/contracts';
import type { NewRun } from '@diaken/persistence';
import { redisOptions } from '@diaken/runtime';
import { Redis } from 'ioredis';
import { type Spread, spreadOf } from '../measure/spread';
import { watched, type ProcessWork } from '../measure/process-work';
import type { QueueBench } from './queue-bench';

/** How long one enqueue took, ms. */
interface Enqueue {
  /** The run with its steps, reservations and event in PostgreSQL. */
  readonly record: number;
  /** Its wake-up in Redis; the API's answer does not wait for it. */
  readonly wakeUp: number;
  /** The same job in the queue that Bull keeps in order. */
  readonly peer: number;
  /** The same request in a table of its own: the least that recording costs, and the same however many wait. */
  readonly bare: number;
}

/** A part of the enqueues, in the order in which they came. */
export interface EnqueuePart {
  /** Runs that waited before the first of this part. */
  readonly waiting: number;
  readonly record: Spread;
  readonly wakeUp: Spread;
  /** Both: what an enqueue is. */
  readonly whole: Spread;
  readonly peer: Spread;
  readonly bare: Spread;
}

export interface EnqueueFigures {
  readonly parts: readonly EnqueuePart[];
  /** By how much an enqueue has grown from the first part to the last, at p50, beside what bare INSERTs have grown. */
  readonly growth: number;
  readonly all: EnqueuePart;
  /** What Redis has allocated, bytes. */
  readonly redisBefore: number;
  readonly redisAfter: number;
  readonly jobs: number;
  readonly took: ProcessWork;
}

const PARTS = 10;

/** Enqueues one run after the other, and each of them also in what it is compared with: all see the same machine. */
export async function measureEnqueue(
  bench: QueueBench,
  asked: readonly NewRun[],
): Promise<EnqueueFigures> {
  const redisBefore = await redisMemory(bench);
  const { result: all, took } = await watched(bench.participants, () => enqueueAll(bench, asked));
  const size = Math.ceil(all.length / PARTS);
  const parts = Array.from({ length: PARTS }, (_, part) => part * size).map((from) =>
    partOf(from, all.slice(from, from + size)),
  );
  const grown = (of: 'whole' | 'bare') => (parts.at(-1)?.[of].p50 ?? 0) / (parts[0]?.[of].p50 ?? 0);
  return {
    parts,
    growth: grown('whole') / grown('bare'),
    all: partOf(0, all),
    redisBefore,
    redisAfter: await redisMemory(bench),
    jobs: await bench.jobs.getWaitingCount(),
    took,
  };
}

/** Memory that Redis has allocated for its data and itself, bytes; the peer's is not in it once the peer is empty. */
export async function redisMemory({ servers }: QueueBench): Promise<number> {
  const redis = new Redis(redisOptions(servers.redisUrl));
  const memory = await redis.info('memory');
  redis.disconnect();
  return Number(/used_memory:(\d+)/.exec(memory)?.[1]);
}

async function enqueueAll(
  bench: QueueBench,
  asked: readonly NewRun[],
): Promise<readonly Enqueue[]> {
  const all: Enqueue[] = [];
  for (const run of asked) {
    all.push(await enqueue(bench, run));
  }
  return all;
}

/** As the API does, see StartRun. */
async function enqueue(
  { ledger, wakeUps, peer, database }: QueueBench,
  asked: NewRun,
): Promise<Enqueue> {
  const start = performance.now();
  const recorded = await ledger.record(asked);
  const recordedAt = performance.now();
  if (recorded.outcome !== 'created') {
    throw new Error(`The run was not recorded: ${recorded.outcome}`);
  }
  const { run } = recorded;
  await wakeUps.add(run);
  const addedAt = performance.now();
  // Bull's own priorities begin with 1, which goes first.
  const priority = 1 + MAX_PRIORITY - (asked.priority ?? 0);
  const options = { jobId: `${run.id}:0`, removeOnComplete: true, removeOnFail: true, priority };
  await peer.add({ runId: run.id }, { attempts: 1, ...options });
  const peerAt = performance.now();
  await database.query('INSERT INTO bare_run (body) VALUES ($1)', [asked.request]);
  const bareAt = performance.now();
  const [record, wakeUp] = [recordedAt - start, addedAt - recordedAt];
  return { record, wakeUp, peer: peerAt - addedAt, bare: bareAt - peerAt };
}

function partOf(waiting: number, times: readonly Enqueue[]): EnqueuePart {
  return {
    waiting,
    record: spreadOf(times.map(({ record }) => record)),
    wakeUp: spreadOf(times.map(({ wakeUp }) => wakeUp)),
    whole: spreadOf(times.map(({ record, wakeUp }) => record + wakeUp)),
    peer: spreadOf(times.map(({ peer }) => peer)),
    bare: spreadOf(times.map(({ bare }) => bare)),
  };
}
