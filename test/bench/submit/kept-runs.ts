import { setTimeout as pause } from 'node:timers/promises';
import { redisOptions } from '@diaken/runtime';
import Bull from 'bull';
import { Client } from 'pg';

/** The answer does not wait for the queue, so a last job may come a moment later, ms. */
const QUEUE_TIMEOUT_MS = 5_000;

/** What PostgreSQL and Bull have of the runs whose ids were answered. */
export interface KeptRuns {
  readonly answered: number;
  /** Rows of deployments in `run`. */
  readonly rows: number;
  /** Jobs that wait in the queue of deployments. */
  readonly jobs: number;
  /** Ids that were answered and have no row, or no job. */
  readonly lost: readonly string[];
}

/** Looks for every run that was answered, in both places. */
export async function keptRuns(
  { databaseUrl, redisUrl }: { readonly databaseUrl: string; readonly redisUrl: string },
  answered: readonly string[],
): Promise<KeptRuns> {
  const rows = new Set(await idsOfRuns(databaseUrl));
  const jobs = new Set(await idsOfJobs(redisUrl, rows.size));
  const lost = answered.filter((id) => !rows.has(id) || !jobs.has(id));
  return { answered: new Set(answered).size, rows: rows.size, jobs: jobs.size, lost };
}

async function idsOfRuns(databaseUrl: string): Promise<readonly string[]> {
  const client = new Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM run WHERE kind = 'deploy-vm'",
  );
  await client.end();
  return rows.map(({ id }) => id);
}

async function idsOfJobs(redisUrl: string, expected: number): Promise<readonly string[]> {
  const queue = new Bull<{ runId: string }>('deployments', { redis: redisOptions(redisUrl) });
  const until = performance.now() + QUEUE_TIMEOUT_MS;
  while ((await queue.getWaitingCount()) < expected && performance.now() < until) {
    await pause(100);
  }
  const jobs = await queue.getWaiting();
  await queue.close();
  return jobs.map(({ data }) => data.runId);
}
