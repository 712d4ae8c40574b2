import { Interruption } from '@diaken/pipeline';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { finalFailure, machineRequest, stepBench, transientFailure } from '../testing';

const bench = (overrides = {}) => stepBench('wait-for-login', machineRequest(overrides));

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('logging in to the guest', () => {
  it('pins the host key of the machine, once it is known to be ours', async () => {
    const step = await bench({ sshPort: 2_222 });
    expect(await step.take()).toEqual({ hostKey: expect.stringMatching(/^ssh-ed25519 AAAAvm-/) });
    expect(step.lines).toEqual(['Logged in to 10.1.0.20: it is our machine. Pinned ssh-ed25519.']);
    expect(step.tools.guests.logins).toEqual([
      { address: '10.1.0.20', port: 2_222, credentialId: step.facts['credentialId'] },
    ]);
  });

  it('pins the same key when it is done twice', async () => {
    const step = await bench();
    const first = await step.take();
    expect(await step.take()).toEqual(first);
  });

  it('tries until the guest is ready, and tells each obstacle once', async () => {
    const step = await bench();
    const refused = transientFailure('guest-login-refused');
    step.tools.guests.calls.failNext('identify', refused, refused, refused);
    await step.take();
    expect(step.tools.guests.calls.count('identify')).toBe(4);
    expect(step.lines.filter((line) => line === refused.message)).toHaveLength(1);
    expect(step.progress).toEqual([{ fraction: 0, detail: refused.message }]);
  });

  it('says what stood in the way when the time is over', async () => {
    const step = await bench();
    step.tools.vcenter.machines.clear();
    const limit = new AbortController();
    setTimeout(() => limit.abort(new Interruption('timed-out')), step.step.timeoutMs);
    await expect(step.take(limit.signal)).rejects.toMatchObject({
      code: 'guest-unreachable',
      message: 'After 10 minutes: It does not answer.',
      transient: false,
    });
  });

  it('stops without a failure of its own when it is cancelled', async () => {
    const step = await bench();
    step.tools.vcenter.machines.clear();
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Interruption('cancelled')), 5_000);
    await expect(step.take(cancel.signal)).rejects.toThrow(new Interruption('cancelled'));
  });

  it('does not wait for what no waiting cures', async () => {
    const step = await bench();
    step.tools.guests.calls.failNext('identify', finalFailure('credential-missing'));
    await expect(step.take()).rejects.toMatchObject({ code: 'credential-missing' });
    expect(step.tools.guests.calls.count('identify')).toBe(1);
  });

  it('accepts a guest that reads its UUID with the bytes swapped', async () => {
    const step = await bench();
    const serial = uuidOf(step).slice(-12);
    step.tools.guests.pretend({ productUuid: `02014d56-0403-0605-0708-${serial}` });
    await expect(step.take()).resolves.toHaveProperty('hostKey');
  });

  it('refuses another machine that answers at the address, and says who it is', async () => {
    const step = await bench();
    step.tools.guests.intrude('10.1.0.20', { hostName: 'printer' });
    await expect(step.take()).rejects.toMatchObject({
      code: 'guest-identity-mismatch',
      message: expect.stringContaining('Another machine answers at 10.1.0.20: printer,'),
      transient: false,
    });
  });

  it('refuses a guest that does not say who it is', async () => {
    const step = await bench();
    step.tools.guests.pretend({ productUuid: null });
    await expect(step.take()).rejects.toMatchObject({
      code: 'guest-identity-unverified',
      remedy: expect.stringContaining('sudo'),
      transient: false,
    });
  });
});

function uuidOf({ facts }: { facts: Readonly<Record<string, unknown>> }): string {
  return (facts['machine'] as { biosUuid: string }).biosUuid;
}
