import type { PowerAction } from '@diaken/contracts';
import { describe, expect, it, vi } from 'vitest';
import {
  type FakeMachine,
  fakeTools,
  finalFailure,
  registeredMachine,
  RunBench,
  transientFailure,
} from '../testing';

const OTHER = '0f0e0d0c-0b0a-4900-8000-0000000000e1';

async function bench(action: PowerAction, change: Partial<FakeMachine> = {}, timeoutSeconds = 300) {
  const tools = fakeTools();
  const { host, machine } = await registeredMachine(tools, change);
  const run = new RunBench(tools, { ...host, action, timeoutSeconds }, 'power');
  return { run, tools, machine };
}

describe('the power of a host’s machine', () => {
  it.each([
    ['on', { poweredOn: false }, 'off', 'on'],
    ['on', { poweredOn: false, suspended: true }, 'suspended', 'on'],
    ['off', {}, 'on', 'off'],
    ['shutdown', {}, 'on', 'off'],
    ['suspend', {}, 'on', 'suspended'],
    ['reset', {}, 'on', 'on'],
    ['reboot-guest', {}, 'on', 'on'],
  ] as const)('%s: takes a machine %o from %s to %s', async (action, change, before, after) => {
    const { run, machine } = await bench(action, change);
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(run.result).toEqual({ before, after });
    expect(machine).toMatchObject({
      poweredOn: after === 'on',
      suspended: after === 'suspended',
    });
  });

  it.each([
    ['on', {}, 'powerOn'],
    ['off', { poweredOn: false }, 'powerOff'],
    ['shutdown', { poweredOn: false }, 'askGuest'],
    ['suspend', { poweredOn: false, suspended: true }, 'suspend'],
  ] as const)('%s: changes nothing where it is so already', async (action, change, call) => {
    const { run, machine, tools } = await bench(action, change);
    const { poweredOn, suspended } = machine;
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(machine).toMatchObject({ poweredOn, suspended });
    expect(tools.vcenter.calls.count(call)).toBe(action === 'shutdown' ? 0 : 1);
  });

  it.each(['on', 'off', 'shutdown', 'suspend', 'reset', 'reboot-guest'] as const)(
    '%s: does nothing to a machine with another instance UUID',
    async (action) => {
      const { run, machine, tools } = await bench(action);
      const changed: FakeMachine = { ...machine, instanceUuid: OTHER };
      tools.vcenter.machines.set(machine.moRef, changed);
      await run.advance();
      expect(run.run.failure).toMatchObject({ step: 'change-power', code: 'not-our-machine' });
      expect(new Set(tools.vcenter.calls.made)).toEqual(new Set(['findRegistered']));
      expect(changed).toEqual({ ...machine, instanceUuid: OTHER });
    },
  );

  it('says that the machine is gone', async () => {
    const { run, machine, tools } = await bench('on');
    tools.vcenter.machines.delete(machine.moRef);
    await run.advance();
    expect(run.run.failure).toMatchObject({
      code: 'machine-missing',
      message: expect.stringContaining('host web-01'),
      remedy: expect.stringContaining('decommission'),
    });
  });

  it('outlasts a vCenter that is away', async () => {
    vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
    const { run, tools, machine } = await bench('off');
    tools.vcenter.calls.failNext('findRegistered', transientFailure());
    await run.advance().finally(() => vi.useRealTimers());
    expect(run.run.status).toBe('success');
    expect(machine.poweredOn).toBe(false);
  });
});

describe('a guest that does not shut down in time', () => {
  it('fails the run, says what to do, and is asked again when that is resumed', async () => {
    const { run, tools, machine } = await bench('shutdown', {}, 0.02);
    tools.vcenter.guestsObey = false;
    await run.advance();
    expect(run.run.failure).toMatchObject({
      code: 'timed-out',
      remedy: expect.stringContaining('"off"'),
    });
    expect(machine.poweredOn).toBe(true);
    tools.vcenter.guestsObey = true;
    await run.resume();
    expect(run.run.status).toBe('success');
    expect(tools.vcenter.calls.count('askGuest')).toBe(2);
  });

  it('is asked once, though the worker dies meanwhile', async () => {
    const { run, tools } = await bench('shutdown');
    tools.vcenter.guestsObey = false;
    const stopping = new AbortController();
    const stopped = run.advance(undefined, stopping.signal);
    await expect.poll(() => tools.vcenter.calls.count('waitUntilOff')).toBe(1);
    stopping.abort();
    expect(await stopped).toBe('given-back');
    const { run: record } = run;
    expect(record.status).toBe('pending');
    const again = run.advance();
    await expect.poll(() => tools.vcenter.calls.count('waitUntilOff')).toBe(2);
    run.store.set(record.id, { cancel: 'roll-back' });
    await again;
    expect(tools.vcenter.calls.count('askGuest')).toBe(1);
  });
});

describe('what must not happen twice', () => {
  it('is not done again by the worker that takes the run over', async () => {
    const { run, tools } = await bench('reset');
    await run.dieAfter('change-power');
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(tools.vcenter.calls.count('startReset')).toBe(1);
  });

  it.each(['reset', 'reboot-guest'] as const)(
    '%s: is left to the operator when its answer is lost, and asked again on resume',
    async (action) => {
      const { run, tools } = await bench(action);
      const call = action === 'reset' ? 'startReset' : 'askGuest';
      tools.vcenter.calls.loseAnswerOf(call);
      await run.advance();
      expect(run.run.failure).toMatchObject({ code: 'outcome-unknown' });
      expect(tools.vcenter.calls.count(call)).toBe(1);
      await run.resume();
      expect(run.run.status).toBe('success');
      expect(tools.vcenter.calls.count(call)).toBe(2);
    },
  );

  it('can be asked for again once vCenter has refused it', async () => {
    const { run, tools } = await bench('reset');
    tools.vcenter.faults.set('reset', finalFailure('vcenter-fault', 'It is off.'));
    await run.advance();
    expect(run.run.failure).toMatchObject({ code: 'vcenter-fault' });
    tools.vcenter.faults.clear();
    await run.resume();
    expect(run.run.status).toBe('success');
    expect(tools.vcenter.calls.count('startReset')).toBe(2);
  });
});
