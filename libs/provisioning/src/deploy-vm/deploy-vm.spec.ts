import { Interruption, type Pipeline } from '@diaken/pipeline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pipelinesOf } from '../pipelines';
import {
  fakeTools,
  finalFailure,
  machineRequest,
  placement,
  RUN_ID,
  RunBench,
  STAGING,
  transientFailure,
} from '../testing';
import { NO_TOOLS } from '../tools';

/** A deployment that takes every step but those for guests of another kind. */
function deployment(overrides = {}): RunBench {
  const tools = fakeTools();
  const playbookIds = ['nginx', 'app'].map((name) => tools.playbooks.add(name));
  const staged = placement({ stagingPortGroup: STAGING });
  const request = machineRequest({ placement: staged, playbookIds, ...overrides });
  return new RunBench(tools, { ...request });
}

/** Steps that only guests of another kind need. */
const OF_OTHER_GUESTS = ['wait-for-port', 'readdress-guest', 'meet-at-address'];
const STEPS = (pipelinesOf(NO_TOOLS).get('deploy-vm') as Pipeline).steps
  .map(({ name }) => name)
  .filter((name) => !OF_OTHER_GUESTS.includes(name));

/** Time passes at a test's word only. */
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const secondsPass = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

/** That one machine of the run is there, ready and registered, and nothing was done twice. */
function expectOneMachine({ run, tools, unexpected }: RunBench): void {
  expect(run.status).toBe('success');
  const done = run.steps.filter(({ status }) => status === 'success');
  expect(done.map(({ name }) => name)).toEqual(STEPS);
  expect(tools.vcenter.clones.started).toBe(1);
  expect(tools.vcenter.machines.size).toBe(1);
  expect(tools.ansible.played).toEqual(['base-linux', 'nginx', 'app']);
  expect(tools.ansible.kept).toEqual([]);
  expect(tools.hosts.hosts).toHaveLength(1);
  expect(tools.addresses.heldBy(RUN_ID)).toHaveLength(2);
  expect(unexpected).toEqual([]);
}

/** That the run has left nothing outside. */
function expectNothingLeft({ tools, unexpected }: RunBench): void {
  expect(tools.vcenter.machines.size).toBe(0);
  expect(tools.ansible.kept).toEqual([]);
  expect(tools.hosts.hosts).toEqual([]);
  expect(tools.addresses.heldBy(RUN_ID)).toEqual([]);
  expect(unexpected).toEqual([]);
}

describe('a deployment', () => {
  it('ends with a machine that is configured, verified and registered', async () => {
    const deploy = deployment();
    expect(await deploy.advance()).toBe('settled');
    expectOneMachine(deploy);
    expect(deploy.tools.vcenter.machineOf(RUN_ID)).toMatchObject({
      ...{ name: 'web-01', poweredOn: true, hostName: 'web-01' },
      ...{ addresses: ['10.1.0.20'], portGroup: 'network-1' },
    });
    expect(deploy.tools.notifier.messages).toHaveLength(1);
  });

  it('gives all that is known of the machine', async () => {
    const deploy = deployment();
    await deploy.advance();
    const { moRef, instanceUuid, biosUuid } = deploy.tools.vcenter.machineOf(RUN_ID) ?? {};
    expect(deploy.result).toMatchObject({
      address: '10.1.0.20',
      machine: { moRef, instanceUuid, biosUuid },
      reachableAt: '10.1.0.20',
      hostKey: `ssh-ed25519 AAAA${moRef}`,
      hostId: 'host-1',
    });
  });

  it('skips what a request does not need', async () => {
    const deploy = deployment({ placement: placement(), playbookIds: [] });
    await deploy.advance();
    const skipped = deploy.run.steps.filter(({ status }) => status === 'skipped');
    expect(deploy.run.status).toBe('success');
    const names = skipped.map(({ name }) => name);
    expect(names).toEqual([...OF_OTHER_GUESTS, 'change-network', 'run-playbooks']);
    expect(deploy.tools.vcenter.machineOf(RUN_ID)?.portGroup).toBe('network-1');
  });

  it('succeeds also when nobody can be told', async () => {
    const deploy = deployment();
    const { calls } = deploy.tools.notifier;
    calls.failNext('machineReady', finalFailure('service-unavailable', 'No mail server.'));
    await deploy.advance();
    expect(deploy.run.status).toBe('success');
    expect(deploy.step('notify')?.status).toBe('failed');
    expect(deploy.run.messages['notify']).toBe('No mail server.');
  });

  it('outlasts a vCenter that is away for a while', async () => {
    const deploy = deployment();
    const { calls } = deploy.tools.vcenter;
    calls.failNext('inspect', transientFailure(), transientFailure());
    calls.failNext('powerOn', transientFailure());
    const done = deploy.advance();
    await secondsPass(10);
    await done;
    expectOneMachine(deploy);
    expect(deploy.step('preflight')?.attempts).toBe(3);
  });

  it('adopts the clone whose answer was lost, and never clones twice', async () => {
    const deploy = deployment();
    deploy.tools.vcenter.clones.held = true;
    deploy.tools.vcenter.calls.loseAnswerOf('startClone');
    const done = deploy.advance();
    await secondsPass(20);
    deploy.tools.vcenter.clones.finish();
    await secondsPass(60);
    await done;
    expectOneMachine(deploy);
    expect(deploy.step('clone-template')?.attempts).toBe(2);
  });
});

describe('a worker that dies', () => {
  it.each(STEPS)('loses nothing and repeats nothing after %s', async (step) => {
    const deploy = deployment();
    expect(await deploy.dieAfter(step)).toBe('not-ours');
    await deploy.advance();
    expectOneMachine(deploy);
  });

  it.each(STEPS)('leaves nothing behind after %s when the run is rolled back', async (step) => {
    const deploy = deployment();
    await deploy.dieAfter(step);
    deploy.store.set(RUN_ID, { status: 'failed' });
    await deploy.rollBack();
    expect(deploy.run.status).toBe('rolled_back');
    expectNothingLeft(deploy);
  });

  it('leaves its play running; the next one reads on where its output is stored', async () => {
    const deploy = deployment();
    deploy.tools.ansible.hold('nginx');
    const died = deploy.advance();
    await secondsPass(1);
    deploy.store.steal(RUN_ID);
    await secondsPass(2);
    expect(await died).toBe('not-ours');
    deploy.store.abandon(RUN_ID);
    deploy.tools.ansible.release();
    await deploy.advance();
    expectOneMachine(deploy);
    expect(deploy.tools.ansible.attached).toMatchObject([
      { playbook: { name: 'nginx' }, from: { events: 2, output: 2 } },
    ]);
    const from = deploy.store.lines.indexOf('Playbook 1 of 2: nginx, version 1');
    expect(deploy.store.lines.slice(from).filter((line) => line === 'PLAY [all]')).toHaveLength(2);
  });
});

describe('a failed deployment', () => {
  it.each(STEPS.filter((step) => step !== 'notify'))(
    'leaves nothing behind when %s fails half-way and it is rolled back',
    async (step) => {
      const deploy = deployment();
      const happens = () => {
        throw finalFailure('vcenter-fault', 'Out of order.');
      };
      await deploy.advance({ after: step, happens });
      expect(deploy.run).toMatchObject({ status: 'failed', failure: { step } });
      await deploy.rollBack();
      expect(deploy.run.status).toBe('rolled_back');
      expectNothingLeft(deploy);
    },
  );

  it('holds the machine, and goes on at the playbook that failed', async () => {
    const deploy = deployment();
    deploy.tools.ansible.breakPlaybook('app');
    await deploy.advance();
    expect(deploy.run).toMatchObject({
      status: 'failed',
      failure: { step: 'run-playbooks', code: 'playbook-failed' },
    });
    expect(deploy.tools.vcenter.machineOf(RUN_ID)?.poweredOn).toBe(true);
    expect(deploy.tools.hosts.hosts).toHaveLength(1);
    deploy.tools.ansible.mendPlaybook('app');
    await deploy.resume();
    expect(deploy.run.status).toBe('success');
    expect(deploy.tools.ansible.played).toEqual(['base-linux', 'nginx', 'app', 'app']);
    expect(deploy.tools.vcenter.clones.started).toBe(1);
  });

  it('never acts on another machine that answers at its address', async () => {
    const deploy = deployment();
    deploy.tools.guests.intrude('10.1.0.20');
    await deploy.advance();
    expect(deploy.run.failure).toMatchObject({
      step: 'wait-for-login',
      code: 'guest-identity-mismatch',
    });
    await deploy.resume();
    expect(deploy.tools.ansible.calls.count('play')).toBe(0);
    expect(deploy.tools.hosts.hosts).toEqual([]);
  });
});

describe('a deployment that is stopped while it clones', () => {
  const cloning = async (stopping = new AbortController().signal) => {
    const deploy = deployment();
    deploy.tools.vcenter.clones.held = true;
    const done = deploy.advance(undefined, stopping);
    await secondsPass(1);
    expect(deploy.step('clone-template')?.notes['task']).toBe('task-1');
    return { deploy, done };
  };

  it('is cancelled in vCenter too, and leaves nothing', async () => {
    const { deploy, done } = await cloning();
    deploy.store.set(RUN_ID, { cancel: 'roll-back' });
    await secondsPass(1);
    await done;
    expect(deploy.run.status).toBe('cancelled');
    deploy.tools.vcenter.clones.finish();
    expectNothingLeft(deploy);
  });

  it('keeps what it has reserved when whoever cancels wants to keep it', async () => {
    const { deploy, done } = await cloning();
    deploy.store.set(RUN_ID, { cancel: 'keep' });
    await secondsPass(1);
    await done;
    expect(deploy.run.status).toBe('cancelled');
    expect(deploy.tools.addresses.heldBy(RUN_ID)).toHaveLength(2);
  });

  it('lets the clone go on when only the worker stops, and the next one adopts it', async () => {
    const stop = new AbortController();
    const { deploy, done } = await cloning(stop.signal);
    stop.abort(new Interruption('worker-stopping'));
    expect(await done).toBe('given-back');
    deploy.tools.vcenter.clones.finish();
    await deploy.advance();
    expectOneMachine(deploy);
  });

  it('fails when the clone takes too long, and clones anew when it is resumed', async () => {
    const { deploy, done } = await cloning();
    await secondsPass(60 * 60);
    await done;
    expect(deploy.run.failure).toMatchObject({ step: 'clone-template', code: 'timed-out' });
    deploy.tools.vcenter.clones.held = false;
    await deploy.resume();
    expect(deploy.run.status).toBe('success');
    expect(deploy.tools.vcenter.machines.size).toBe(1);
  });
});
