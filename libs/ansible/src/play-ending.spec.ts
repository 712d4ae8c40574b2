import { describe, expect, it } from 'vitest';
import { endingOf, errorText, type EndedPlay } from './play-ending';
import { readEvent, type PlayEvent } from './play-events';
import { PlayRecord } from './play-record';
import type { PlayExit } from './run-folder';

function ended(exit: Partial<PlayExit>, events: readonly object[] = []): EndedPlay {
  const record = new PlayRecord();
  events.forEach((event) => record.add(readEvent(JSON.stringify(event)) as PlayEvent));
  const well = { why: 'exited', rc: 0, eventsLost: false, refused: null } as const;
  return { exit: { ...well, ...exit }, record, output: '', hosts: ['web'], folder: '/runs' };
}

const TASK = { e: 'task', task: 't', name: 'Install', planned: true };
const DONE = { e: 'host', task: 't', name: 'Install', host: 'web', status: 'ok' };
const PLAY = { e: 'play', play: 'p', hosts: ['web'], batch: ['web'] };
const NO_PLAY = { ...PLAY, hosts: [], batch: [] };
const STATS = { e: 'stats', hosts: {} };
const FULL = 'No space left on device';

describe('endingOf', () => {
  it.each([
    ['timed-out', { why: 'timeout', rc: 99 }, [TASK]],
    ['cancelled', { why: 'cancelled', rc: 99 }, [TASK]],
    ['playbook-not-started', { why: 'failed', rc: null, error: 'no ssh-agent' }, []],
    ['playbook-not-started', { rc: 4 }, []],
    ['playbook-not-started', { rc: 1 }, [PLAY, TASK]],
    ['playbook-failed', { rc: 1 }, [PLAY, TASK, DONE]],
    ['playbook-failed', { rc: 1 }, [PLAY, TASK, DONE, STATS]],
    ['playbook-failed', { rc: 1, refused: FULL }, [PLAY, TASK, DONE]],
    ['playbook-not-started', { rc: 1, refused: FULL }, [PLAY, TASK]],
    ['playbook-interrupted', { rc: 99 }, [PLAY, TASK, DONE]],
    ['playbook-interrupted', { rc: null }, [PLAY, TASK, DONE]],
    ['playbook-no-hosts', {}, [NO_PLAY, STATS]],
  ] as const)('is %s after %j', (code, exit, events) => {
    const failure = expect.objectContaining({ code, transient: false });

    expect(() => endingOf(ended(exit, events))).toThrow(failure);
  });

  it('is for now only when the disk was full before anything was done', () => {
    const play = ended({ rc: 1, refused: FULL }, [PLAY]);

    expect(() => endingOf(play)).toThrow(
      expect.objectContaining({
        code: 'worker-disk-full',
        message: expect.stringContaining('written to /runs. Nothing was done on any host.'),
        transient: true,
      }),
    );
  });

  it.each([
    [[PLAY, TASK, DONE], 'beyond task "Install".'],
    [[], 'beyond its beginning.'],
  ])('is never a success when events are missing', (events, message) => {
    const play = ended({ rc: 0, eventsLost: true, refused: FULL }, events);

    expect(() => endingOf(play)).toThrow(
      expect.objectContaining({
        code: 'worker-disk-full',
        message: expect.stringContaining(message),
        transient: false,
      }),
    );
  });

  it('says when the disk was full while Ansible gave up', () => {
    const play = ended({ rc: 1, refused: FULL }, [PLAY, TASK, DONE]);

    expect(() => endingOf(play)).toThrow(
      'at task "Install". It gave no reason. The worker could not write to /runs: No space left on device.',
    );
  });

  it('is a result when there was nothing to do on a host that matched', () => {
    expect(endingOf(ended({}, [PLAY, STATS])).hosts).toMatchObject([{ host: 'web', ok: 0 }]);
  });

  it('names the task at which the play was', () => {
    const play = ended({ why: 'timeout', rc: 99 }, [TASK]);

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
