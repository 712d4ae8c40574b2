import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedReading } from './shared-reading';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

describe('a shared reading', () => {
  it('is made once for all who ask while it is fresh, and anew afterwards', async () => {
    const read = vi.fn(async () => read.mock.calls.length);
    const shared = new SharedReading(read, 500);
    expect(await Promise.all([shared.get(), shared.get()])).toEqual([1, 1]);
    vi.advanceTimersByTime(499);
    expect(await shared.get()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await shared.get()).toBe(2);
  });

  it('is not kept when it failed', async () => {
    let isAway = true;
    const read = async () => (isAway ? Promise.reject(new Error('away')) : 'here');
    const shared = new SharedReading(read, 500);
    await expect(shared.get()).rejects.toThrow('away');
    isAway = false;
    expect(await shared.get()).toBe('here');
  });
});
