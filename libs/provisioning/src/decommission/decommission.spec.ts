import type { DecommissionInput } from '@diaken/contracts';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type FakeMachine,
  fakeTools,
  finalFailure,
  MAKER_RUN,
  registeredMachine,
  RunBench,
  transientFailure,
} from '../testing';

const OTHER = '0f0e0d0c-0b0a-4900-8000-0000000000e1';
const STEPS = ['find-machine', 'power-off', 'destroy-machine', 'remove-host'];

interface Wish {
  readonly input?: Partial<DecommissionInput>;
  readonly machine?: Partial<FakeMachine>;
}

async function bench({ input, machine: change }: Wish = {}) {
  const tools = fakeTools();
  const { host, machine } = await registeredMachine(tools, change);
  const request = {
    ...host,
    confirm: host.hostname,
    machine: 'destroy',
    requestedBy: 'ann',
    ...input,
  };
  return { run: new RunBench(tools, request, 'decommission'), tools, machine };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** Nothing of the host is left. */
function expectGone({ run, tools, machine }: Bench): void {
  expect(run.run.status).toBe('success');
  expect(tools.vcenter.machines.has(machine.moRef)).toBe(false);
  expect(tools.hosts.hosts).toEqual([]);
  expect(tools.addresses.heldBy(MAKER_RUN)).toEqual([]);
}

/** All is as it was. */
function expectWhole({ tools, machine }: Bench): void {
  expect(tools.vcenter.machines.get(machine.moRef)).toMatchObject({ poweredOn: true });
  expect(tools.hosts.hosts).toHaveLength(1);
  expect(tools.addresses.heldBy(MAKER_RUN)).toHaveLength(2);
}

/** Somebody cancels when the worker has died after the step; the next worker heeds that. */
async function cancelAfter({ run }: Bench, step: string, wish: 'roll-back' | 'keep' = 'roll-back') {
  await run.dieAfter(step);
  run.store.set(run.run.id, { status: 'cancelling', cancel: wish });
  await run.advance();
}

async function resume({ run }: Bench) {
  run.store.set(run.run.id, { cancel: null });
  await run.resume();
}

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('decommissioning a host', () => {
  it('removes machine, host, name and address', async () => {
    const all = await bench();
    await all.run.advance();
    expectGone(all);
    expect(all.run.run.steps.map(({ name, status }) => [name, status])).toEqual(
      STEPS.map((name) => [name, 'success']),
    );
  });

  it.each([{ poweredOn: false }, { poweredOn: false, suspended: true }])(
    'removes a machine that is %o',
    async (machine) => {
      const all = await bench({ machine });
      await all.run.advance();
      expectGone(all);
      expect(all.tools.vcenter.calls.count('powerOff')).toBe(0);
    },
  );

  it.each(STEPS)('goes on where a worker died after %s, and destroys once', async (step) => {
    const all = await bench();
    await all.run.dieAfter(step);
    await all.run.advance();
    expectGone(all);
    expect(all.tools.vcenter.destroyed).toEqual(['web-01']);
  });

  it('goes on where the answer to the destruction was lost', async () => {
    const all = await bench();
    all.tools.vcenter.calls.loseAnswerOf('startDestroy');
    await all.run.advance();
    expectGone(all);
    expect(all.tools.vcenter.calls.count('startDestroy')).toBe(1);
  });

  it('switches off, too, what somebody has switched on meanwhile', async () => {
    const all = await bench();
    await all.run.dieAfter('power-off');
    all.machine.poweredOn = true;
    await all.run.advance();
    expectGone(all);
  });

  it('removes the host of a machine that is gone already', async () => {
    const all = await bench();
    all.tools.vcenter.machines.delete(all.machine.moRef);
    await all.run.advance();
    expectGone(all);
    expect(all.run.step('destroy-machine')?.status).toBe('skipped');
  });

  it('keeps the machine, switched off, where that is asked for', async () => {
    const all = await bench({ input: { machine: 'power-off' } });
    await all.run.advance();
    expect(all.run.run.status).toBe('success');
    expect(all.machine.poweredOn).toBe(false);
    expect(all.tools.vcenter.machines.size).toBe(1);
    expect(all.tools.hosts.hosts).toEqual([]);
  });

  it('outlasts a vCenter that is away', async () => {
    const all = await bench();
    const { calls } = all.tools.vcenter;
    calls.failNext('findRegistered', transientFailure());
    calls.failNext('powerOff', transientFailure());
    calls.failNext('followTask', transientFailure());
    await all.run.advance();
    expectGone(all);
  });

  it('leaves the host when vCenter does not let the machine be destroyed', async () => {
    const all = await bench();
    const denied = finalFailure('vcenter-permission-denied');
    all.tools.vcenter.faults.set('destroy', denied);
    await all.run.advance();
    expect(all.run.run.failure).toMatchObject({ step: 'destroy-machine', code: denied.code });
    expect(all.tools.hosts.hosts).toHaveLength(1);
    await all.run.rollBack();
    expect(all.run.run.status).toBe('rolled_back');
    expectWhole(all);
  });
});

describe('a machine that may be another’s', () => {
  it.each([
    ['no mark', null],
    ['another run’s mark', OTHER],
  ])('with %s is not touched', async (_what, run) => {
    const all = await bench({ machine: { run } });
    await all.run.advance();
    expect(all.run.run.failure).toMatchObject({
      ...{ step: 'find-machine', code: 'not-our-machine' },
      remedy: expect.stringContaining('"confirmMachine": "web-01"'),
    });
    expectWhole(all);
    expect(all.tools.vcenter.calls.made).toEqual(['findRegistered']);
  });

  it('is destroyed when whoever asks has named it, and no other name will do', async () => {
    const wrong = await bench({ machine: { run: null }, input: { confirmMachine: 'web-02' } });
    await wrong.run.advance();
    expect(wrong.run.run.failure?.code).toBe('not-our-machine');
    expectWhole(wrong);
    const right = await bench({ machine: { run: null }, input: { confirmMachine: 'web-01' } });
    await right.run.advance();
    expectGone(right);
  });

  it('with another instance UUID is not touched, whatever was confirmed', async () => {
    const all = await bench({ input: { confirmMachine: 'web-01' } });
    all.tools.vcenter.machines.set(all.machine.moRef, { ...all.machine, instanceUuid: OTHER });
    await all.run.advance();
    expect(all.run.run.failure).toMatchObject({ code: 'not-our-machine' });
    expectWhole(all);
  });
});

describe('cancelling a decommission', () => {
  it.each(['find-machine', 'power-off'])('after %s leaves all as it was', async (step) => {
    const all = await bench();
    await cancelAfter(all, step);
    expect(all.run.run.status).toBe('cancelled');
    expectWhole(all);
  });

  it('leaves a machine off that was off before', async () => {
    const all = await bench({ machine: { poweredOn: false } });
    await cancelAfter(all, 'power-off');
    expect(all.run.run.status).toBe('cancelled');
    expect(all.machine.poweredOn).toBe(false);
  });

  it.each([
    ['destroy-machine', 'roll-back', 'machine-destroyed'],
    ['destroy-machine', 'keep', 'machine-destroyed'],
    ['remove-host', 'roll-back', 'action-not-allowed'],
  ] as const)('after %s (%s) says that it is too late', async (step, wish, code) => {
    const all = await bench();
    await cancelAfter(all, step, wish);
    expect(all.run.run).toMatchObject({ status: 'failed', failure: { step, code } });
    expect(all.run.run.failure?.remedy).toContain('Resume the run');
    await resume(all);
    expectGone(all);
    expect(all.tools.vcenter.destroyed).toEqual(['web-01']);
  });

  it('does not switch a machine on again whose host is removed', async () => {
    const all = await bench({ input: { machine: 'power-off' } });
    await cancelAfter(all, 'remove-host');
    expect(all.run.run).toMatchObject({ status: 'failed', failure: { step: 'remove-host' } });
    expect(all.machine.poweredOn).toBe(false);
  });
});

describe('undoing when nobody knows whether vCenter destroys the machine', () => {
  const killed = new Error('The worker was killed');

  it('finds that it did', async () => {
    const all = await bench();
    all.tools.vcenter.calls.loseAnswerOf('startDestroy', killed);
    await all.run.advance();
    await all.run.rollBack();
    expect(all.run.run.failure).toMatchObject({ code: 'machine-destroyed' });
    await resume(all);
    expectGone(all);
  });

  it('looks until it can begin no more, and then leaves all as it was', async () => {
    const all = await bench();
    all.tools.vcenter.calls.failNext('startDestroy', killed);
    await all.run.advance();
    const before = Date.now();
    await all.run.rollBack();
    expect(Date.now() - before).toBeGreaterThanOrEqual(30_000);
    expect(all.run.run.status).toBe('rolled_back');
    expectWhole(all);
  });
});
