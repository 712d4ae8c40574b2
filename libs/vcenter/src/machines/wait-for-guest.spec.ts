import { describe, expect, it } from 'vitest';
import { settling } from './wait-for-guest';

describe('an address that settles', () => {
  it('is the one that has stayed for so long', () => {
    const settled = settling(10_000);
    const told = [
      [undefined, 0],
      ['10.0.0.1', 1_000],
      ['10.0.0.2', 5_000],
      ['10.0.0.2', 14_999],
      ['10.0.0.2', 15_000],
    ] as const;
    expect(told.map(([address, now]) => settled(address, now))).toEqual([
      ...[undefined, undefined, undefined, undefined],
      '10.0.0.2',
    ]);
  });

  it('begins anew when the guest loses it for a while', () => {
    const settled = settling(10_000);
    settled('10.0.0.1', 0);
    settled(undefined, 5_000);
    expect(settled('10.0.0.1', 10_000)).toBeUndefined();
    expect(settled('10.0.0.1', 20_000)).toBe('10.0.0.1');
  });

  it('is never nothing', () => {
    const settled = settling(10);
    settled(undefined, 0);
    expect(settled(undefined, 1_000)).toBeUndefined();
  });
});
