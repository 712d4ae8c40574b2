import { setTimeout as pause } from 'node:timers/promises';
import { isSettled, RunView } from '@diaken/contracts';
import type { RestClient } from '@diaken/client';
import type { RunDisplay } from './run-display';

const LOOK_EVERY_MS = 300;
/** No machine of the lab takes longer, ms. */
const GIVE_UP_AFTER_MS = 15 * 60_000;

/** Follows a run until it has settled, and shows every step. Throws when that takes too long. */
export async function watchRun(
  client: RestClient,
  runId: string,
  display: RunDisplay,
): Promise<RunView> {
  const until = performance.now() + GIVE_UP_AFTER_MS;
  while (performance.now() < until) {
    const run = await client.get(`runs/${runId}`, RunView);
    display.show(run);
    if (isSettled(run.status)) {
      return run;
    }
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`The run ${runId} had not settled within ${GIVE_UP_AFTER_MS / 60_000} minutes`);
}
