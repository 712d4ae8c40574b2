import {
  databaseOptions,
  migrate,
  QueueOverview,
  RunHistory,
  RunLedger,
} from '@diaken/persistence';
import { BullRunQueue, redisOptions, type RunJob } from '@diaken/runtime';
import Bull, { type Queue } from 'bull';
import { DataSource } from 'typeorm';
import { type BenchServers, startBenchServers } from '../bench-servers';
import type { Participant } from '../measure/process-work';

/** What the API has of the queue, on real servers, and a bare Bull queue to compare with. */
export interface QueueBench {
  readonly servers: BenchServers;
  readonly database: DataSource;
  readonly ledger: RunLedger;
  readonly overview: QueueOverview;
  readonly history: RunHistory;
  /** Hands runs to workers, as the API does. */
  readonly wakeUps: BullRunQueue;
  /** The queue that `wakeUps` adds to. */
  readonly jobs: Queue<RunJob>;
  /** The same jobs in a queue where Bull itself keeps the order of priorities. */
  readonly peer: Queue<RunJob>;
  readonly participants: Readonly<Record<'postgres' | 'redis', Participant>>;
}

export async function startQueueBench(): Promise<QueueBench> {
  const servers = await startBenchServers();
  try {
    await migrate(servers.databaseUrl);
    const database = await new DataSource(databaseOptions(servers.databaseUrl)).initialize();
    servers.onStop(() => database.destroy());
    await database.query('CREATE TABLE bare_run (body jsonb NOT NULL)');
    const [jobs, peer] = await Promise.all(
      ['deployments', 'prioritized'].map((name) => queueOf(name, servers)),
    );
    if (!jobs || !peer) {
      throw new Error('No queues');
    }
    return {
      ...{ servers, database, jobs, peer },
      ledger: new RunLedger(database),
      overview: new QueueOverview(database),
      history: new RunHistory(database),
      wakeUps: new BullRunQueue(new Map([['deployments', jobs]])),
      participants: {
        postgres: { pid: servers.postgresPid, forks: true },
        redis: { pid: servers.redisPid },
      },
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

/**
 * Makes history of all runs that wait, and lets PostgreSQL count what its tables hold: nothing that waits. It does not
 * count again by itself, which it would at any moment of a long burst.
 */
export async function settleAll({ database, jobs, peer }: QueueBench): Promise<void> {
  await database.query("UPDATE run SET status = 'success', ended_at = now()");
  await database.query('ALTER TABLE run SET (autovacuum_enabled = off)');
  await database.query('VACUUM ANALYZE');
  await Promise.all([jobs, peer].map((queue) => queue.empty()));
}

/** Lets PostgreSQL count anew, as it does by itself within a minute or two of a burst. */
export async function countAnew({ database }: QueueBench): Promise<void> {
  await database.query('ANALYZE');
}

async function queueOf(name: string, servers: BenchServers): Promise<Queue<RunJob>> {
  const queue = new Bull<RunJob>(name, { redis: redisOptions(servers.redisUrl) });
  await queue.isReady();
  servers.onStop(() => queue.close());
  return queue;
}
