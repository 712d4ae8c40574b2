import { describe, expect, it } from 'vitest';
import { allowedActions, cameFrom, isSettled, mayBecome, RUN_STATUSES } from './run-status';

describe('run statuses', () => {
  it('lets a run end only by way of running or undoing', () => {
    expect(cameFrom('success')).toEqual(['running']);
    expect(cameFrom('rolled_back')).toEqual(['rolling_back']);
  });

  it('never leaves a final status', () => {
    for (const to of RUN_STATUSES) {
      expect(mayBecome('success', to)).toBe(false);
      expect(mayBecome('cancelled', to)).toBe(false);
    }
  });

  it('offers resume and roll back for a held machine', () => {
    expect(allowedActions('failed')).toEqual(['resume', 'roll-back']);
  });

  it('offers cancel while work waits or goes on, and nothing after the end', () => {
    expect(allowedActions('pending')).toEqual(['cancel']);
    expect(allowedActions('running')).toEqual(['cancel']);
    expect(allowedActions('success')).toEqual([]);
  });

  it('settles exactly where no worker has anything to do', () => {
    expect(RUN_STATUSES.filter(isSettled)).toEqual([
      'failed',
      'success',
      'rolled_back',
      'cancelled',
    ]);
  });
});
