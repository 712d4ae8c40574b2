import { pause } from './attempt';
import { isInterruption } from './interruption';

/** Pause before a write that the store did not take is tried again, ms. */
const AGAIN_AFTER_MS = 250;

/** The run store was away: for a write as long as a lease lasts, or for a step. No step's fault: the run is taken up again. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';

  constructor(cause: unknown) {
    super('The run store was away', { cause });
  }
}

/** How long a store may be away, and what ends the waiting. */
export interface Patience {
  readonly ms: number;
  /** Aborted when the lease is lost: what is written then would be stale. */
  readonly lost: AbortSignal;
}

/**
 * Reads or writes, again while the store is away: a database that is restarted costs a run a moment, not the run.
 * Throws `StoreAway` when the patience is over, or the reason of a lost lease.
 */
export async function patiently<T>({ ms, lost }: Patience, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    lost.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isInterruption(error)) {
        throw error;
      }
      if (performance.now() > until) {
        throw new StoreAway(error);
      }
      await pause(Math.min(AGAIN_AFTER_MS, ms), lost);
    }
  }
}
