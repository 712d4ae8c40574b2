/** A call took longer than it may. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(readonly afterMs: number) {
    super(`No answer within ${afterMs} ms`);
  }
}

/**
 * Runs work with a signal that aborts when the caller's does or after `afterMs`.
 * Throws the reason of the caller's signal, or `DeadlinePassed`.
 */
export async function withDeadline<T>(
  afterMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const both = new AbortController();
  const passed = new DeadlinePassed(afterMs);
  const stop = () => both.abort(signal.reason);
  const timer = setTimeout(() => both.abort(passed), afterMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(both.signal);
  } catch (error) {
    // However the transport reports an abort: its reason is what the caller needs.
    both.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** Awaits what others await too: the signal ends only this wait. Throws the signal's reason. */
export async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
