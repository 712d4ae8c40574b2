import { askFor, type Campaign } from './campaign';
import { type Evidence, evidenceOf } from './evidence';
import type { KillPoint, Victim } from './kill-points';
import { type Stop, until } from './stop';

/** One kill, and what became of the run. */
export interface KilledRun {
  readonly point: KillPoint;
  readonly hostname: string;
  /** Undefined when the test itself went wrong before, as `error` says. */
  readonly evidence?: Evidence;
  readonly error?: string;
}

/** A run reaches any point of its pipeline sooner, on the slowest machine. */
const REACHED_WITHIN_MS = 120_000;
/** A lease lasts 12 s. */
const TAKEN_OVER_WITHIN_MS = 60_000;
/** A run that has not ended by then is lost. */
const ENDED_WITHIN_MS = 180_000;

/** Asks for a machine, kills the worker at the point, and waits until another one has ended the run. Never throws. */
export async function killAt(
  campaign: Campaign,
  point: KillPoint,
  number: number,
): Promise<KilledRun> {
  const hostname = `kill-${String(number).padStart(3, '0')}`;
  const address = `127.77.${90 + Math.floor(number / 250)}.${1 + (number % 250)}`;
  const stops: Stop[] = [];
  try {
    const gate = await campaign.database.before(`${point.step} running`, hostname);
    stops.push(gate);
    const { template } = point;
    const wish = { hostname, address, ...(template !== undefined && { template }) };
    const runId = await askFor(campaign, wish);
    const victim = { runId, hostname, address };
    await reached(campaign, gate, victim);
    const stop = await stopOf(campaign, point, victim);
    if (stop) {
      stops.push(stop);
      await gate.letGo();
      await reached(campaign, stop, victim);
    }
    const killedAt = await kill(campaign, runId, point, stop ?? gate);
    await ended(campaign, runId);
    return { point, hostname, evidence: await evidenceOf(campaign, victim, killedAt) };
  } catch (error) {
    return { point, hostname, error: error instanceof Error ? error.message : String(error) };
  } finally {
    await Promise.allSettled(stops.map((stop) => stop.letGo()));
  }
}

async function stopOf(
  { system, database, rows }: Campaign,
  { stop }: KillPoint,
  victim: Victim,
): Promise<Stop | undefined> {
  return stop?.(victim, { system, database, rows });
}

/** Kills whoever has the run; answers when, ms since 1970. */
async function kill(
  { rows, workers }: Campaign,
  runId: string,
  { goesOn }: KillPoint,
  stop: Stop,
): Promise<number> {
  const claims = (await rows.claims(runId)).length;
  const killedAt = Date.now();
  await workers.kill(await rows.workerOf(runId));
  if (goesOn !== 'taken-over') {
    await stop.letGo();
  }
  const isTaken = async () => (await rows.claims(runId)).length > claims;
  await until('another worker takes the run', isTaken, TAKEN_OVER_WITHIN_MS);
  await stop.letGo();
  return killedAt;
}

async function reached({ rows }: Campaign, stop: Stop, { runId }: Victim): Promise<void> {
  const isThere = async () => {
    const { status, failure } = await rows.run(runId);
    if (status !== 'pending' && status !== 'running') {
      throw new Error(`The run was ${status} before its worker was killed: ${failure?.message}`);
    }
    return stop.isReached();
  };
  await until('the run reaches the point', isThere, REACHED_WITHIN_MS);
}

async function ended({ rows }: Campaign, runId: string): Promise<void> {
  const isOver = async () => ['success', 'failed'].includes((await rows.run(runId)).status);
  await until('the run ends', isOver, ENDED_WITHIN_MS);
}
