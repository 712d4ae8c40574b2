import { describe, expect, it } from 'vitest';
import { elapsedMs, toDurationWords, toLocalWords, toRelativeWords } from './time-words';

const NOW = new Date('2026-11-22T12:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000);

describe('words for times', () => {
  it.each([
    [-5_000, '< 1 s'],
    [999, '< 1 s'],
    [59_999, '59 s'],
    [60_000, '1 min 0 s'],
    [192_000, '3 min 12 s'],
    [3_600_000, '1 h 0 min'],
    [90_000_000, '1 d 1 h'],
  ])('says of %i ms that it is %s', (ms, words) => {
    expect(toDurationWords(ms)).toBe(words);
  });

  it.each([
    [-30, 'just now'],
    [9, 'just now'],
    [45, '45 seconds ago'],
    [60, '1 minute ago'],
    [7_200, '2 hours ago'],
    [86_400, 'yesterday'],
    [10 * 86_400, '10 days ago'],
    [-90, 'in 1 minute'],
    [-7_200, 'in 2 hours'],
    [-86_400, 'tomorrow'],
  ])('says of %i seconds ago: %s', (seconds, words) => {
    expect(toRelativeWords(ago(seconds), NOW)).toBe(words);
  });

  it('names the date only where it was not today, and the year only where it was another', () => {
    expect(toLocalWords(ago(60), NOW, 'UTC')).toBe('11:59');
    expect(toLocalWords(ago(86_400), NOW, 'UTC')).toBe('21 Nov, 12:00');
    expect(toLocalWords(ago(400 * 86_400), NOW, 'UTC')).toBe('18 Oct 2025, 12:00');
  });

  it('goes by the zone of the user, not by UTC', () => {
    expect(toLocalWords(new Date('2026-11-21T23:30:00Z'), NOW, 'Europe/Madrid')).toBe('00:30');
  });

  it('counts up to now while there is no end, and not at all without a start', () => {
    expect(elapsedMs(ago(5).toISOString(), null, NOW)).toBe(5_000);
    expect(elapsedMs(ago(5).toISOString(), ago(2).toISOString(), NOW)).toBe(3_000);
    expect(elapsedMs(null, null, NOW)).toBeUndefined();
  });
});
