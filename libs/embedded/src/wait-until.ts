import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/** Asks until the answer is true; resolves false when `timeoutMs` have passed without one. */
export async function waitUntil(
  ask: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  let pauseMs = FIRST_PAUSE_MS;
  while (!(await ask())) {
    if (Date.now() >= end) return false;
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  return true;
}
