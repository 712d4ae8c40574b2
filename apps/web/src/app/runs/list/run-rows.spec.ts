import type { RunSummary } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { aRun } from '../testing/a-run';
import { extended, hasLiveRun, refreshed } from './run-rows';

const row = (minute: number, change: Partial<RunSummary> = {}): RunSummary => ({
  ...aRun(),
  id: `run-${minute}`,
  createdAt: new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString(),
  ...change,
});
const idsOf = ({ items }: { items: readonly RunSummary[] }) => items.map(({ id }) => id);

describe('the rows of the list', () => {
  it('takes in new runs and keeps older rows below with their cursor', () => {
    const shown = { items: [row(4), row(3), row(2), row(1)], next: 'after-1' };
    const rows = refreshed(shown, { items: [row(5), row(4), row(3)], next: 'after-3' });
    expect(idsOf(rows)).toEqual(['run-5', 'run-4', 'run-3', 'run-2', 'run-1']);
    expect(rows.next).toBe('after-1');
  });

  it('drops a run that no longer matches the filter', () => {
    const shown = { items: [row(4), row(3), row(2)], next: null };
    expect(idsOf(refreshed(shown, { items: [row(4), row(2)], next: 'x' }))).toEqual([
      'run-4',
      'run-2',
    ]);
  });

  it('is the answer itself when nothing follows it', () => {
    const shown = { items: [row(2), row(1)], next: 'x' };
    expect(refreshed(shown, { items: [row(2)], next: null })).toEqual({
      items: [row(2)],
      next: null,
    });
  });

  it('never shows a run twice when pages overlap', () => {
    const rows = extended(
      { items: [row(3), row(2)], next: 'x' },
      { items: [row(2), row(1)], next: null },
    );
    expect(idsOf(rows)).toEqual(['run-3', 'run-2', 'run-1']);
  });

  it('is live while any run is', () => {
    expect(hasLiveRun({ items: [row(1, { status: 'failed' })], next: null })).toBe(false);
    expect(hasLiveRun({ items: [row(1, { status: 'rolling_back' })], next: null })).toBe(true);
  });
});
