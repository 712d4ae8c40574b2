import { Interruption } from '@diaken/pipeline';
import { describe, expect, it } from 'vitest';
import { fakeTools, finalFailure, machineRequest, stepBench } from '../testing';

const bench = (tools = fakeTools()) => stepBench('wait-for-address', machineRequest(), tools);

const silent = () => {
  const tools = fakeTools();
  tools.vcenter.guestsStart = false;
  return tools;
};
const stopped = (code: Interruption['code']) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Interruption(code)), 1);
  return stop.signal;
};

describe('waiting for the guest’s address', () => {
  it('gives the address once VMware Tools report it', async () => {
    const step = await bench();
    expect(await step.take()).toEqual({ reachableAt: '10.1.0.20', address: '10.1.0.20' });
    expect(step.progress[0]?.detail).toBe('Waiting until VMware Tools report 10.1.0.20');
  });

  it('can be done twice', async () => {
    const step = await bench();
    await step.take();
    expect(await step.take()).toEqual({ reachableAt: '10.1.0.20', address: '10.1.0.20' });
  });

  it('says what to look at when the guest stays silent', async () => {
    const step = await bench(silent());
    await expect(step.take(stopped('timed-out'))).rejects.toMatchObject({
      code: 'no-guest-address',
      message: 'VMware Tools did not report 10.1.0.20 within 15 minutes.',
      remedy: expect.stringContaining('console'),
      transient: false,
    });
    expect(step.step.timeoutMs).toBe(15 * 60_000);
  });

  it.each(['cancelled', 'worker-stopping', 'lease-lost'] as const)(
    'stops without a failure of its own when it is %s',
    async (code) => {
      const step = await bench(silent());
      await expect(step.take(stopped(code))).rejects.toThrow(new Interruption(code));
    },
  );

  it('hands on what vCenter says', async () => {
    const step = await bench();
    step.tools.vcenter.calls.failNext('waitForAddress', finalFailure('machine-missing'));
    await expect(step.take()).rejects.toMatchObject({ code: 'machine-missing' });
  });
});
