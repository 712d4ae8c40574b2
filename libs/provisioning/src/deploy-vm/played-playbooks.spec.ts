import { describe, expect, it } from 'vitest';
import { playedPlaybooks } from './played-playbooks';

describe('the playbooks that a run has played', () => {
  it('are told in their order, with the version of each', () => {
    const plays = {
      '10.c': { execution: 1, playbook: 'C', version: 1 },
      '2.b': { execution: 2, playbook: 'B', version: 7, commit: 'c0ffee', ended: 'failed' },
      '1.a': { execution: 1, playbook: 'A', version: 3, ended: 'ok' },
    };
    expect(playedPlaybooks([{ notes: {} }, { notes: { plays } }])).toEqual([
      { id: 'a', name: 'A', version: 3, commit: null },
      { id: 'b', name: 'B', version: 7, commit: 'c0ffee' },
      { id: 'c', name: 'C', version: 1, commit: null },
    ]);
  });

  it('are only those of the library, and only where it was noted which version it was', () => {
    const plays = {
      base: { execution: 1, playbook: 'base-linux' },
      '1.a': { execution: 1, playbook: 'A' },
    };
    expect(playedPlaybooks([{ notes: { plays } }, { notes: { plays: 'nonsense' } }])).toEqual([]);
  });
});
