import { describe, expect, it } from 'vitest';
import { DeadlinePassed, unlessAborted, withDeadline } from './call-deadline';

const never = new AbortController().signal;

/** Work that ends only when it is told to, with an error of its own. */
function endless(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

describe('a call with a deadline', () => {
  it('answers what the work answers', async () => {
    await expect(withDeadline(1_000, never, async () => 42)).resolves.toBe(42);
  });

  it('says when the deadline has passed', async () => {
    await expect(withDeadline(10, never, endless)).rejects.toEqual(new DeadlinePassed(10));
  });

  it('throws the reason of the caller’s signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the reason');
    const call = withDeadline(1_000, controller.signal, endless);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(withDeadline(1_000, controller.signal, endless)).rejects.toBe(reason);
  });

  it('passes on what the work throws', async () => {
    const error = new Error('other');
    await expect(withDeadline(1_000, never, () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('waiting for what others wait for too', () => {
  it('ends with the signal and leaves the others waiting', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const controller = new AbortController();
    const mine = unlessAborted(promise, controller.signal);
    const others = unlessAborted(promise, never);
    controller.abort(new Error('mine'));
    await expect(mine).rejects.toThrow('mine');
    resolve(42);
    await expect(others).resolves.toBe(42);
  });
});
