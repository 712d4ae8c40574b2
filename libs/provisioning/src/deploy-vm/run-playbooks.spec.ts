import { Interruption } from '@diaken/pipeline';
import { describe, expect, it, vi } from 'vitest';
import {
  fakeTools,
  machineRequest,
  RUN_ID,
  StepBench,
  stepBench,
  transientFailure,
} from '../testing';
import { playedPlaybooks } from './played-playbooks';

async function bench(...playbookIds: string[]) {
  const tools = fakeTools();
  for (const name of playbookIds) {
    tools.playbooks.add(name, `# ${name}`);
  }
  const request = machineRequest({ playbookIds, extraVars: { port: 8_080 } });
  return stepBench('run-playbooks', request, tools);
}
/** Names of the playbooks that this step began; `base-linux` is an earlier step's. */
const played = ({ tools }: Awaited<ReturnType<typeof bench>>) =>
  tools.ansible.played.filter((name) => name !== 'base-linux');

describe('running the playbooks', () => {
  it('plays them in their order, with the variables that were asked for', async () => {
    const step = await bench('nginx', 'app');
    await step.take();
    expect(step.tools.ansible.started.slice(1)).toMatchObject([
      {
        key: `${RUN_ID}.run-playbooks.1.nginx.1`,
        playbook: { kind: 'text', name: 'nginx', content: '# nginx' },
        extraVars: { port: 8_080 },
        timeoutSeconds: 7_200,
      },
      { key: `${RUN_ID}.run-playbooks.2.app.1`, playbook: { name: 'app' } },
    ]);
    expect(step.lines).toContain('Playbook 2 of 2: app, version 1');
  });

  it('gives each the files that it finds around itself', async () => {
    const step = await bench('nginx');
    step.tools.playbooks.files['templates/motd.j2'] = 'Hello {{ who }}';
    await step.take();
    expect(step.tools.ansible.started.at(-1)).toMatchObject({
      playbook: { name: 'nginx', files: { 'templates/motd.j2': 'Hello {{ who }}' } },
    });
  });

  it('notes the version that it plays, and plays the mended one when the run is resumed', async () => {
    const step = await bench('nginx');
    step.tools.ansible.breakPlaybook('nginx');
    await expect(step.take()).rejects.toThrow('nginx failed');
    expect(playedPlaybooks([step])).toEqual([
      { id: 'nginx', name: 'nginx', version: 1, commit: null },
    ]);
    step.tools.playbooks.add('nginx', '# mended');
    step.tools.ansible.mendPlaybook('nginx');
    await step.take();
    expect(step.tools.ansible.started.at(-1)).toMatchObject({ playbook: { content: '# mended' } });
    expect(playedPlaybooks([step])).toEqual([
      { id: 'nginx', name: 'nginx', version: 2, commit: null },
    ]);
  });

  it('keeps the version that an execution was begun with when another worker attaches to it', async () => {
    const step = await bench('nginx');
    step.tools.ansible.hold('nginx');
    const stopping = new AbortController();
    const taking = step.take(stopping.signal);
    await vi.waitUntil(() => played(step).length > 0);
    stopping.abort(new Interruption('worker-stopping'));
    await expect(taking).rejects.toBe(stopping.signal.reason);
    step.tools.playbooks.add('nginx', '# newer');
    step.tools.ansible.release();
    await step.take();
    expect(step.tools.ansible.attached).toHaveLength(1);
    expect(playedPlaybooks([step])).toEqual([
      { id: 'nginx', name: 'nginx', version: 1, commit: null },
    ]);
  });

  it('tells them the variables that hold for the host, and says where each comes from', async () => {
    const step = await bench('nginx');
    const { variables, ansible } = step.tools;
    variables.add({ name: 'port', value: 80 });
    variables.add({ name: 'root', value: '/srv' });
    variables.add({ name: 'root', value: '/data', scope: 'group', owner: 'web' });
    variables.add({
      name: 'pass',
      value: 'hunter22',
      scope: 'host',
      owner: 'web-01',
      isSecret: true,
    });
    expect(await step.take()).toEqual({
      variables: [
        { name: 'pass', scope: 'host', owner: 'web-01', isSecret: true },
        { name: 'port', scope: 'run', owner: null, isSecret: false },
        { name: 'root', scope: 'group', owner: 'web', isSecret: false },
      ],
    });
    expect(ansible.started.at(-1)).toMatchObject({
      hosts: [{ variables: { port: 80, root: '/data', pass: 'hunter22' } }],
      extraVars: { port: 8_080 },
    });
    expect(step.lines[0]).toBe(
      'Variables: pass (host web-01, secret), port (run), root (group web).',
    );
  });

  it('shows no secret that a playbook prints or fails with', async () => {
    const step = await bench('nginx');
    const { variables, ansible, results } = step.tools;
    variables.add({ name: 'pass', value: 'hunter22', isSecret: true });
    ansible.breakPlaybook('nginx', 'use hunter22', 'hunter22 was refused');
    await expect(step.take()).rejects.toThrow(
      'failed on web-01 in "use ********": ******** was refused',
    );
    const stored = JSON.stringify([results.of(RUN_ID), step.lines, step.progress, step.notes]);
    expect(stored).not.toContain('hunter22');
  });

  it('keeps the results of each', async () => {
    const step = await bench('nginx', 'app');
    await step.take();
    expect(
      step.tools.results.of(RUN_ID).map(({ step: name, playbook }) => `${name} ${playbook}`),
    ).toEqual(['configure-guest base-linux', 'run-playbooks nginx', 'run-playbooks app']);
  });

  it('tells how far all of them are', async () => {
    const step = await bench('nginx', 'app');
    await step.take();
    const fractions = step.progress.map(({ fraction }) => fraction.toFixed(2));
    expect(fractions).toEqual(['0.17', '0.33', '0.50', '0.67', '0.83', '1.00']);
    expect(step.progress[3]?.detail).toBe('app: configure');
  });

  it('plays none again when it is done twice', async () => {
    const step = await bench('nginx', 'app');
    await step.take();
    await step.take();
    expect(played(step)).toEqual(['nginx', 'app']);
  });

  it('stops at the first that fails', async () => {
    const step = await bench('nginx', 'app', 'late');
    step.tools.ansible.breakPlaybook('app');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-failed' });
    expect(played(step)).toEqual(['nginx', 'app']);
  });

  it('plays the one that failed anew, and not the ones before it', async () => {
    const step = await bench('nginx', 'app', 'late');
    step.tools.ansible.breakPlaybook('app');
    await expect(step.take()).rejects.toThrow();
    step.tools.ansible.mendPlaybook('app');
    await step.take();
    expect(played(step)).toEqual(['nginx', 'app', 'app', 'late']);
    expect(step.tools.ansible.started.at(-2)?.key).toBe(`${RUN_ID}.run-playbooks.2.app.2`);
  });

  it('plays a playbook as often as it was chosen', async () => {
    const step = await bench('restart', 'app', 'restart');
    await step.take();
    expect(played(step)).toEqual(['restart', 'app', 'restart']);
  });

  it('does not need a playbook that has run already, should it be gone from the library', async () => {
    const step = await bench('nginx', 'app');
    step.tools.ansible.breakPlaybook('app');
    await expect(step.take()).rejects.toThrow();
    step.tools.ansible.mendPlaybook('app');
    step.tools.playbooks.remove('nginx');
    step.lines.length = 0;
    await step.take();
    expect(step.lines.slice(0, 4)).toEqual([
      'Variables: port (run).',
      'Playbook 1 of 2: nginx',
      'nginx has run already.',
      'Playbook 2 of 2: app, version 1',
    ]);
    expect(played(step)).toEqual(['nginx', 'app', 'app']);
  });

  it('says which playbook has gone from the library', async () => {
    const step = await bench('nginx');
    step.tools.playbooks.remove('nginx');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-missing' });
  });

  it('ends what it left running when it is undone', async () => {
    const step = await bench('nginx');
    step.tools.ansible.calls.loseAnswerOf('play', new Error('killed'));
    await expect(step.take()).rejects.toThrow('killed');
    expect(step.tools.ansible.kept).toHaveLength(1);
    await step.undo();
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('is tried again when a playbook could not begin', async () => {
    const step = await bench('nginx');
    step.tools.ansible.calls.failNext('play', transientFailure('worker-disk-full'));
    await expect(step.take()).rejects.toMatchObject({ code: 'worker-disk-full', transient: true });
    await step.take();
    expect(played(step)).toEqual(['nginx']);
    expect(step.step.retry).toEqual({ attempts: 5, delayMs: 5_000, backoff: 2 });
  });

  it('is needed only where playbooks were chosen', async () => {
    expect((await bench('nginx')).applies).toBe(true);
    expect((await bench()).applies).toBe(false);
  });
});

describe('a playbook of somebody else', () => {
  it('is played anew by a resumed run only, when it was lost with its machine', async () => {
    const step = await begun('nginx');
    step.tools.ansible.restart();
    step.tools.ansible.release();
    await expect(step.take()).rejects.toMatchObject({
      code: 'playbook-interrupted',
      message: 'It was interrupted at task "configure".',
      transient: false,
    });
    await step.take();
    expect(played(step)).toEqual(['nginx', 'nginx']);
    expect(step.lines).toContain('nginx is played from its beginning, execution 2.');
  });

  it('is not played again by itself when it did not reach the machine', async () => {
    const step = await bench('nginx');
    step.tools.ansible.cutOff('nginx');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-failed', transient: false });
  });

  it('does not go on beside another one that a resumed run has instead', async () => {
    const step = await begun('nginx');
    step.tools.playbooks.add('app');
    const resumed = new StepBench(step.step, { ...step.facts, playbookIds: ['app'] }, step.tools);
    resumed.notes = step.notes;
    await resumed.take();
    expect(played(step)).toEqual(['nginx', 'app']);
    expect(step.tools.ansible.kept).toEqual([]);
  });

  it('keeps another one from being begun while it may go on elsewhere', async () => {
    const step = await begun('nginx');
    step.tools.ansible.moveTo('worker-2');
    step.tools.playbooks.add('app');
    const resumed = new StepBench(step.step, { ...step.facts, playbookIds: ['app'] }, step.tools);
    resumed.notes = step.notes;
    await expect(resumed.take()).rejects.toMatchObject({
      code: 'playbook-interrupted',
      message: expect.stringContaining('The playbook nginx was begun by a worker on worker-1.'),
    });
    await resumed.take();
    expect(played(step)).toEqual(['nginx', 'app']);
  });

  /** A playbook that goes on, but whose worker is gone. */
  async function begun(name: string): Promise<StepBench> {
    const step = await bench(name);
    step.tools.ansible.hold(name);
    const stop = new AbortController();
    const taken = expect(step.take(stop.signal)).rejects.toThrow('lease-lost');
    await vi.waitFor(() => expect(step.tools.ansible.kept).toHaveLength(1), { interval: 1 });
    stop.abort(new Interruption('lease-lost'));
    await taken;
    return step;
  }
});
