import { WITHOUT_PROFILE } from '@diaken/contracts';
import { Interruption } from '@diaken/pipeline';
import { describe, expect, it, vi } from 'vitest';
import {
  CREDENTIAL_ID,
  finalFailure,
  guestNetwork,
  machineRequest,
  RUN_ID,
  type StepBench,
  stepBench,
} from '../testing';

const PLAYBOOK = 'base-linux';
const bench = (overrides = {}) => stepBench('configure-guest', machineRequest(overrides));
const key = (execution: number) => `${RUN_ID}.configure-guest.base.${execution}`;

/** Takes the step until its play is held, then interrupts it. */
async function interrupted(step: StepBench, code: Interruption['code']): Promise<void> {
  step.tools.ansible.hold(PLAYBOOK);
  const stop = new AbortController();
  const taken = expect(step.take(stop.signal)).rejects.toThrow(new Interruption(code));
  await vi.waitFor(() => expect(step.lines).toContain('TASK [configure]'), { interval: 1 });
  stop.abort(new Interruption(code));
  await taken;
}

describe('configuring the guest', () => {
  it('plays the base playbook on the machine, whose host key is pinned', async () => {
    const step = await bench({ network: guestNetwork({ domain: 'example.net' }) });
    await step.take();
    expect(step.tools.ansible.started).toEqual([
      {
        key: key(1),
        playbook: { kind: 'shipped', name: PLAYBOOK },
        hosts: [
          {
            ...{ name: 'web-01', address: '10.1.0.20', port: 22 },
            ...{ hostKey: step.facts['hostKey'], credentialId: CREDENTIAL_ID },
          },
        ],
        extraVars: {
          ...{ diaken_run: RUN_ID, diaken_hostname: 'web-01', diaken_address: '10.1.0.20' },
          diaken_domain: 'example.net',
        },
        timeoutSeconds: 1_800,
      },
    ]);
  });

  it('plays the one for Windows on a Windows machine', async () => {
    const guest = { ...WITHOUT_PROFILE, osFamily: 'windows', guestInit: 'sysprep' } as const;
    const step = await bench({ guest });
    await step.take();
    expect(step.tools.ansible.started).toMatchObject([
      { playbook: { kind: 'shipped', name: 'base-windows' } },
    ]);
  });

  it('leaves out a domain that was not asked for', async () => {
    const step = await bench();
    await step.take();
    expect(step.tools.ansible.started[0]?.extraVars).not.toHaveProperty('diaken_domain');
  });

  it('hands on what Ansible says, keeps the results and discards the execution', async () => {
    const step = await bench();
    await step.take();
    expect(step.lines).toEqual(['PLAY [all]', 'TASK [configure]', 'PLAY RECAP']);
    expect(step.progress.at(-1)).toEqual({ fraction: 1, detail: 'configure' });
    expect(step.tools.results.of(RUN_ID)).toMatchObject([
      { step: 'configure-guest', playbook: PLAYBOOK, host: 'web-01', ok: 2, failed: 0 },
    ]);
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('does not play again what it has played', async () => {
    const step = await bench();
    await step.take();
    await step.take();
    expect(step.tools.ansible.started).toHaveLength(1);
    expect(step.lines.at(-1)).toBe('base-linux has run already.');
  });

  it('discards an execution that a worker which died had not discarded', async () => {
    const step = await bench();
    step.tools.ansible.calls.failNext('discard', new Error('killed'));
    await expect(step.take()).rejects.toThrow('killed');
    expect(step.tools.ansible.kept).toEqual([key(1)]);
    await step.take();
    expect(step.tools.ansible.kept).toEqual([]);
  });
});

describe('a play that was interrupted', () => {
  it.each(['worker-stopping', 'lease-lost'] as const)(
    'goes on when it is %s, and the next attempt attaches where its output was read to',
    async (code) => {
      const step = await bench();
      await interrupted(step, code);
      step.tools.ansible.release();
      await step.take();
      expect(step.tools.ansible.started).toHaveLength(1);
      expect(step.tools.ansible.attached).toMatchObject([
        { key: key(1), from: { events: 2, output: 2 } },
      ]);
      expect(step.lines).toEqual(['PLAY [all]', 'TASK [configure]', 'PLAY RECAP']);
    },
  );

  it('is played anew after it was ended for taking too long', async () => {
    const step = await bench();
    await interrupted(step, 'timed-out');
    expect(step.tools.ansible.kept).toEqual([]);
    step.tools.ansible.release();
    await step.take();
    expect(step.tools.ansible.started.map((order) => order.key)).toEqual([key(1), key(2)]);
    expect(step.tools.ansible.started[1]).not.toHaveProperty('from');
  });

  it('is ended when the run is cancelled', async () => {
    const step = await bench();
    await interrupted(step, 'cancelled');
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('is ended before its machine goes away, when nobody attached to it again', async () => {
    const step = await bench();
    await interrupted(step, 'lease-lost');
    await step.undo();
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('needs no undoing when it never began', async () => {
    const step = await bench();
    await step.undo();
    expect(step.tools.ansible.calls.count('discard')).toBe(0);
  });
});

describe('a play that was lost with its machine', () => {
  const lost = async () => {
    const step = await bench();
    await interrupted(step, 'lease-lost');
    step.tools.ansible.restart();
    step.tools.ansible.release();
    return step;
  };

  it('is played again by itself, for it does no harm to play it twice', async () => {
    const step = await lost();
    await expect(step.take()).rejects.toMatchObject({
      code: 'playbook-interrupted',
      message: expect.stringContaining('at task "configure"'),
      transient: true,
    });
    await step.take();
    expect(step.tools.ansible.started.map((order) => order.key)).toEqual([key(1), key(2)]);
    expect(step.lines).toContain('base-linux is played from its beginning, execution 2.');
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('is tried several times, with pauses', async () => {
    const { step } = await bench();
    expect(step.retry).toEqual({ attempts: 5, delayMs: 3_000, backoff: 2 });
  });
});

describe('a play that another worker began elsewhere', () => {
  const elsewhere = async () => {
    const step = await bench();
    await interrupted(step, 'lease-lost');
    step.tools.ansible.moveTo('worker-2');
    return step;
  };
  const refused = async () => {
    const step = await elsewhere();
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    return step;
  };
  const started = ({ tools }: StepBench) => tools.ansible.started.map((order) => order.key);

  it('is never started here as well', async () => {
    const step = await elsewhere();
    await expect(step.take()).rejects.toMatchObject({
      code: 'playbook-interrupted',
      message:
        'The playbook base-linux was begun by a worker on worker-1. This worker, on worker-2, does not see that worker’s files, so the playbook may still run there.',
      remedy: expect.stringMatching(/^Start a worker on worker-1 and resume the run/),
      transient: false,
    });
    expect(started(step)).toEqual([key(1)]);
    expect(step.tools.ansible.kept).toEqual([key(1)]);
  });

  it('is not started either when its worker died before it heard anything of it', async () => {
    const step = await bench();
    step.tools.ansible.calls.failNext('play', new Error('killed'));
    await expect(step.take()).rejects.toThrow('killed');
    expect(step.notes).toMatchObject({
      plays: { base: { execution: 1, place: { name: 'worker-1' } } },
    });
    step.tools.ansible.moveTo('worker-2');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    expect(started(step)).toEqual([]);
  });

  it('is played anew here once somebody has resumed the run', async () => {
    const step = await refused();
    step.tools.ansible.release();
    await step.take();
    expect(started(step)).toEqual([key(1), key(2)]);
    expect(step.tools.ansible.started[1]).not.toHaveProperty('from');
    expect(step.tools.ansible.kept).toEqual([key(1)]);
  });

  it('is taken up by a worker there once somebody has resumed the run', async () => {
    const step = await refused();
    step.tools.ansible.moveTo('worker-1');
    step.tools.ansible.release();
    await step.take();
    expect(started(step)).toEqual([key(1)]);
    expect(step.tools.ansible.attached).toMatchObject([
      { key: key(1), from: { events: 2, output: 2 } },
    ]);
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('needs another resume when it was taken up and its worker died again', async () => {
    const step = await refused();
    step.tools.ansible.moveTo('worker-1');
    await interruptedAgain(step);
    step.tools.ansible.moveTo('worker-2');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    expect(started(step)).toEqual([key(1)]);
  });

  it('is ended first when it is played anew in turn where it began', async () => {
    const step = await refused();
    await interruptedAgain(step);
    step.tools.ansible.moveTo('worker-1');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    const { calls } = step.tools.ansible;
    calls.made.length = 0;
    step.tools.ansible.release();
    await step.take();
    expect(started(step)).toEqual([key(1), key(2), key(3)]);
    expect(calls.made.slice(0, 4)).toEqual(['place', 'discard', 'discard', 'play']);
    expect(step.tools.ansible.kept).toEqual([key(2)]);
  });

  it('is not given up by a worker that stops at that moment', async () => {
    const step = await elsewhere();
    const stop = AbortSignal.abort(new Interruption('worker-stopping'));
    await expect(step.take(stop)).rejects.toThrow('worker-stopping');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    expect(started(step)).toEqual([key(1)]);
  });

  it('is told of when the machine goes away, for nobody here can end it', async () => {
    const step = await elsewhere();
    await step.undo();
    expect(step.lines.at(-1)).toBe(
      'base-linux was begun by a worker on worker-1, which alone can end it. It may run there until it no longer reaches the machine.',
    );
  });

  /** The play goes on, and its worker dies. */
  async function interruptedAgain(step: StepBench): Promise<void> {
    const stop = new AbortController();
    const { calls } = step.tools.ansible;
    const before = calls.count('play');
    const taken = expect(step.take(stop.signal)).rejects.toThrow('lease-lost');
    await vi.waitFor(() => expect(calls.count('play')).toBe(before + 1), { interval: 1 });
    stop.abort(new Interruption('lease-lost'));
    await taken;
  }
});

describe('a play that failed', () => {
  const failed = async () => {
    const step = await bench();
    step.tools.ansible.breakPlaybook(PLAYBOOK, 'Set the host name', 'No space left.');
    await expect(step.take()).rejects.toMatchObject({
      code: 'playbook-failed',
      message: 'The playbook base-linux failed on web-01 in "Set the host name": No space left.',
      transient: false,
    });
    return step;
  };

  it('leaves its results, but not its execution', async () => {
    const step = await failed();
    expect(step.tools.results.of(RUN_ID)).toMatchObject([{ failed: 1 }]);
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('is played anew, and its results are replaced', async () => {
    const step = await failed();
    step.tools.ansible.mendPlaybook(PLAYBOOK);
    await step.take();
    expect(step.tools.ansible.started.map((order) => order.key)).toEqual([key(1), key(2)]);
    expect(step.tools.results.of(RUN_ID)).toMatchObject([{ failed: 0 }]);
  });

  it('is for now only when the machine could not be reached', async () => {
    const step = await bench();
    step.tools.ansible.cutOff(PLAYBOOK);
    await expect(step.take()).rejects.toMatchObject({
      code: 'playbook-failed',
      message: 'The playbook base-linux could not reach web-01 in "configure": No route to host.',
      transient: true,
    });
    step.tools.ansible.mendPlaybook(PLAYBOOK);
    await step.take();
    expect(step.tools.results.of(RUN_ID)).toMatchObject([{ unreachable: 0 }]);
  });

  it('is final when a task failed before the machine was cut off', async () => {
    const step = await bench();
    step.tools.ansible.breakPlaybook(PLAYBOOK);
    step.tools.ansible.cutOff(PLAYBOOK);
    await expect(step.take()).rejects.toMatchObject({ transient: false });
  });

  it('is played anew also when Ansible itself could not go on', async () => {
    const step = await bench();
    step.tools.ansible.calls.failNext('play', finalFailure('playbook-interrupted'));
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-interrupted' });
    await step.take();
    expect(step.tools.ansible.started.map((order) => order.key)).toEqual([key(2)]);
  });

  it('is not taken for failed when only its results could not be stored', async () => {
    const step = await bench();
    step.tools.results.calls.failNext('store', new Error('connection refused'));
    await expect(step.take()).rejects.toThrow('connection refused');
    await step.take();
    expect(step.tools.ansible.started).toHaveLength(1);
    expect(step.tools.results.of(RUN_ID)).toHaveLength(1);
  });
});
