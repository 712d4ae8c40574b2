import { describe, expect, it } from 'vitest';
import { readEvent, type HostStats, type PlayEvent } from './play-events';
import { PlayRecord } from './play-record';

const counts = (more: Partial<HostStats> = {}): HostStats => ({
  ok: 0,
  changed: 0,
  failures: 0,
  unreachable: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
  ...more,
});

function recordOf(...events: object[]): PlayRecord {
  const record = new PlayRecord();
  for (const event of events) {
    record.add(readEvent(JSON.stringify(event)) as PlayEvent);
  }
  return record;
}

const host = (more: object): object => ({
  e: 'host',
  task: 't1',
  name: 'Task',
  host: 'web',
  status: 'ok',
  ...more,
});

describe('readEvent', () => {
  it('reads what it knows and leaves out what it does not need', () => {
    const line = '{"n":3,"t":1,"e":"task","task":"a","name":"Look","planned":true}';

    expect(readEvent(line)).toEqual({ e: 'task', task: 'a', name: 'Look', planned: true });
  });

  it.each(['{"n":1,"e":"tas', '{"e":"no_hosts"}', '{"e":"host","status":"odd"}', '17', ''])(
    'passes over %s',
    (line) => {
      expect(readEvent(line)).toBeUndefined();
    },
  );
});

describe('PlayRecord', () => {
  it("takes the counts from Ansible's statistics and adds up the time", () => {
    const record = recordOf(host({ ms: 120 }), host({ ms: 30, status: 'changed' }), {
      e: 'stats',
      hosts: { web: counts({ ok: 2, changed: 1, failures: 0 }) },
    });

    expect(record.results(['web'])).toEqual([
      {
        host: 'web',
        ok: 2,
        changed: 1,
        failed: 0,
        unreachable: 0,
        skipped: 0,
        rescued: 0,
        ignored: 0,
        firstError: null,
        durationMs: 150,
      },
    ]);
  });

  it('lists the hosts that were asked for first, untouched ones with zeros', () => {
    const record = recordOf({ e: 'stats', hosts: { localhost: counts(), web: counts({ ok: 1 }) } });

    const results = record.results(['db', 'web']);

    expect(results.map(({ host: name, ok }) => [name, ok])).toEqual([
      ['db', 0],
      ['web', 1],
      ['localhost', 0],
    ]);
  });

  it('finds the first failure that no rescue cured', () => {
    const record = recordOf(
      host({ name: 'Cured', status: 'failed', why: { msg: 'no' } }),
      host({ name: 'Ignored', status: 'ignored', why: { msg: 'no' } }),
      host({ name: 'Counts', status: 'failed', why: { msg: 'broken', rc: 1 } }),
      host({ name: 'Always', status: 'failed', why: { msg: 'too' } }),
      { e: 'stats', hosts: { web: counts({ rescued: 1, failures: 2 }) } },
    );

    expect(record.results(['web'])[0]?.firstError).toEqual({ task: 'Counts', message: 'broken' });
  });

  it('forgets failures that were all cured', () => {
    const record = recordOf(host({ status: 'failed', why: { msg: 'no' } }), {
      e: 'stats',
      hosts: { web: counts({ rescued: 1 }) },
    });

    expect(record.results(['web'])[0]?.firstError).toBeNull();
  });

  it('shortens messages and strips what a terminal would obey', () => {
    const record = recordOf(
      host({
        status: 'failed',
        why: {
          msg: 'non-zero return code',
          stderr: `\u001b[31mred\u0007\u001b[0m ${'x'.repeat(5_000)}`,
        },
      }),
      { e: 'stats', hosts: { web: counts({ failures: 1 }) } },
    );

    const message = record.results(['web'])[0]?.firstError?.message ?? '';
    expect(message).toMatch(/^non-zero return code\nred x+…$/);
    expect(message).toHaveLength(2_000);
  });

  it('shows nothing of a task that is marked no_log', () => {
    const record = recordOf(host({ status: 'failed', no_log: true, why: { msg: 'secret' } }), {
      e: 'stats',
      hosts: { web: counts({ failures: 1 }) },
    });

    expect(record.results(['web'])[0]?.firstError?.message).not.toContain('secret');
  });
});
