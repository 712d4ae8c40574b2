import { describe, expect, it } from 'vitest';
import { namesOf } from './names';

describe('names of runs in one line', () => {
  it.each([
    [1, 'm1'],
    [2, 'm1 and m2'],
    [5, 'm1, m2, m3, m4, and m5'],
    [7, 'm1, m2, m3, m4, m5 and 2 more'],
  ])('tells of %i: %s', (count, words) => {
    const runs = Array.from({ length: count }, (_, index) => ({ target: `m${index + 1}` }));
    expect(namesOf(runs)).toBe(words);
  });
});
