import { Interruption } from './interruption';
import { StepFailure } from './step-failure';
import type { RetryPolicy } from './step';

/** How long a step may take to notice that it must stop, before it is left behind. */
const STOP_GRACE_MS = 30_000;

/** Runs one attempt with its own time limit; throws the signal's reason when a step does not stop in time. */
export async function attemptWithin<T>(
  timeoutMs: number,
  signal: AbortSignal,
  attempt: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Interruption('timed-out')), timeoutMs);
  const limited = AbortSignal.any([signal, timeout.signal]);
  const abandoned = abandon(limited);
  try {
    return await Promise.race([attempt(limited), abandoned.promise]);
  } finally {
    clearTimeout(timer);
    abandoned.dispose();
  }
}

/** Rejects with the signal's reason some time after it was aborted. */
function abandon(signal: AbortSignal): { promise: Promise<never>; dispose: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), STOP_GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const dispose = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  return { promise, dispose };
}

/** Whether a failure is worth another attempt. */
export function mayRetry(error: unknown, retry: RetryPolicy | undefined, tries: number): boolean {
  return error instanceof StepFailure && error.transient && tries < (retry?.attempts ?? 1);
}

/** No pause between two attempts is longer. */
const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * The pause before the next attempt, ms: exponential where the policy says so, and spread by a half either way, so
 * that runs that failed together do not come back together.
 */
export function pauseBefore(tries: number, { delayMs, backoff = 1 }: Pause): number {
  const spread = 0.5 + Math.random();
  return Math.round(Math.min(delayMs * backoff ** (tries - 1), LONGEST_PAUSE_MS) * spread);
}

type Pause = Pick<RetryPolicy, 'delayMs' | 'backoff'>;

/** Waits; throws the signal's reason when it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
