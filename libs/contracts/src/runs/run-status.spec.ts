import { describe, expect, it } from 'vitest';
import { allowedActions, isSettled, mayBecome, RUN_STATUSES, type RunStatus } from './run-status';

const waysTo = (to: RunStatus) => RUN_STATUSES.filter((from) => mayBecome(from, to));

describe('run statuses', () => {
  it('lets a run end only by way of running or undoing', () => {
    expect(waysTo('success')).toEqual(['running']);
    expect(waysTo('rolled_back')).toEqual(['rolling_back']);
  });

  it('never leaves a final status, except to roll back what a cancelled run has kept', () => {
    for (const to of RUN_STATUSES) {
      expect(mayBecome('success', to)).toBe(false);
      expect(mayBecome('rolled_back', to)).toBe(false);
      expect(mayBecome('cancelled', to)).toBe(to === 'rolling_back');
    }
  });

  it('offers resume and roll back for a held machine, and to keep it where it would go', () => {
    expect(allowedActions({ status: 'failed' })).toEqual(['resume', 'roll-back']);
    expect(allowedActions({ status: 'failed', expiresAt: new Date() })).toContain('keep');
  });

  it('offers cancel once, while work waits or goes on', () => {
    expect(allowedActions({ status: 'pending' })).toEqual(['cancel']);
    expect(allowedActions({ status: 'running', cancel: null })).toEqual(['cancel']);
    expect(allowedActions({ status: 'running', cancel: 'keep' })).toEqual([]);
  });

  it('offers the same again after the end', () => {
    expect(allowedActions({ status: 'success' })).toEqual(['relaunch']);
    expect(allowedActions({ status: 'cancelled', cancel: 'roll-back' })).toEqual(['relaunch']);
    expect(allowedActions({ status: 'cancelled', cancel: 'keep' })).toContain('roll-back');
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
