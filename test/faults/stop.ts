import { setTimeout as pause } from 'node:timers/promises';

/** Keeps a run at an exact point until the test lets it go on. */
export interface Stop {
  /** Whether the run is there. */
  isReached(): Promise<boolean>;
  /** Lets go of what is kept. Does no harm when nothing is, or not any more. */
  letGo(): Promise<void>;
}

/** A point that a run passes without being kept there. */
export const onlyLooking = (isReached: () => Promise<boolean>): Stop => ({
  isReached,
  letGo: async () => undefined,
});

const LOOK_EVERY_MS = 10;

/** Waits until something is so. Throws when it is not within that time. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const latest = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > latest) {
      throw new Error(`Waited ${withinMs / 1_000} s in vain: ${what}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
