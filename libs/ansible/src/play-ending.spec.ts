import { describe, expect, it } from 'vitest';
import { endingOf, errorText, type EndedPlay } from './play-ending';
import { readEvent, type PlayEvent } from './play-events';
import { PlayRecord } from './play-record';

function ended(more: Partial<EndedPlay>, events: object[] = []): EndedPlay {
  const record = new PlayRecord();
  events.forEach((event) => record.add(readEvent(JSON.stringify(event)) as PlayEvent));
  return { exit: { why: 'exited', rc: 0 }, record, output: '', hosts: ['web'], ...more };
}

const TASK = { e: 'task', task: 't', name: 'Install', planned: true };
const DONE = { e: 'host', task: 't', name: 'Install', host: 'web', status: 'ok' };
const PLAY = { e: 'play', play: 'p', hosts: ['web'], batch: ['web'] };
const NO_PLAY = { ...PLAY, hosts: [], batch: [] };
const STATS = { e: 'stats', hosts: {} };

describe('endingOf', () => {
  it.each([
    ['timed-out', { exit: { why: 'timeout', rc: 99 } }, [TASK]],
    ['cancelled', { exit: { why: 'cancelled', rc: 99 } }, [TASK]],
    ['playbook-not-started', { exit: { why: 'failed', rc: null, error: 'no ssh-agent' } }, []],
    ['playbook-not-started', { exit: { why: 'exited', rc: 4 } }, []],
    ['playbook-not-started', { exit: { why: 'exited', rc: 1 } }, [PLAY, TASK]],
    ['playbook-failed', { exit: { why: 'exited', rc: 1 } }, [PLAY, TASK, DONE]],
    ['playbook-failed', { exit: { why: 'exited', rc: 1 } }, [PLAY, TASK, DONE, STATS]],
    ['playbook-interrupted', { exit: { why: 'exited', rc: 99 } }, [PLAY, TASK, DONE]],
    ['playbook-interrupted', { exit: { why: 'exited', rc: null } }, [PLAY, TASK, DONE]],
    ['playbook-no-hosts', { exit: { why: 'exited', rc: 0 } }, [NO_PLAY, STATS]],
  ] as const)('is %s after %j', (code, more, events) => {
    expect(() => endingOf(ended(more, [...events]))).toThrow(expect.objectContaining({ code }));
  });

  it('is a result when there was nothing to do on a host that matched', () => {
    expect(endingOf(ended({}, [PLAY, STATS])).hosts).toMatchObject([{ host: 'web', ok: 0 }]);
  });

  it('names the task at which the play was', () => {
    const play = ended({ exit: { why: 'timeout', rc: 99 } }, [TASK]);

    expect(() => endingOf(play)).toThrow('stopped at task "Install"');
  });
});

describe('errorText', () => {
  it.each([
    [
      '\u001b[1;35m[WARNING]: x\u001b[0m\n\u001b[0;31mERROR! no such role\u001b[0m\n',
      'no such role',
    ],
    ['[ERROR]: no such role\n', 'no such role'],
    ['Traceback: boom\n', 'Traceback: boom'],
    ['', 'It gave no reason.'],
  ])('finds the reason in %j', (output, reason) => {
    expect(errorText(output)).toBe(reason);
  });
});
