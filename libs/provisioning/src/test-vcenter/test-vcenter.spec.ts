import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTools, finalFailure, RunBench, transientFailure, VCENTER_ID } from '../testing';

const bench = () => new RunBench(fakeTools(), { vcenterId: VCENTER_ID }, 'test-vcenter');

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('the test of a vCenter', () => {
  it('tells what it is and that the account may log in', async () => {
    const test = bench();
    await test.advance();
    expect(test.run.status).toBe('success');
    expect(test.store.lines).toEqual([
      'Reached A vCenter, API 8.0. Its certificate is accepted.',
      'The account may log in.',
    ]);
    expect(test.result).toMatchObject({ product: 'A vCenter', missingPrivileges: [] });
  });

  it('names privileges that are missing, without failing: they may be granted further down', async () => {
    const test = bench();
    test.tools.probe.missingPrivileges = ['VirtualMachine.Provisioning.Customize'];
    await test.advance();
    expect(test.run.status).toBe('success');
    expect(test.store.lines.at(-1)).toContain('VirtualMachine.Provisioning.Customize');
  });

  it('is content with a vCenter that does not tell of privileges', async () => {
    const test = bench();
    test.tools.probe.missingPrivileges = null;
    await test.advance();
    expect(test.run.status).toBe('success');
    expect(test.result).toMatchObject({ missingPrivileges: null });
  });

  it('does not send the password to a vCenter whose certificate is refused', async () => {
    const test = bench();
    test.tools.probe.calls.failNext('greet', finalFailure('vcenter-certificate-refused'));
    await test.advance();
    expect(test.run.failure).toMatchObject({
      step: 'reach-vcenter',
      code: 'vcenter-certificate-refused',
    });
    expect(test.tools.probe.calls.count('logIn')).toBe(0);
  });

  it('tries a login that was refused once only: accounts are locked', async () => {
    const test = bench();
    test.tools.probe.calls.failNext('logIn', finalFailure('vcenter-login-refused'));
    await test.advance();
    expect(test.run.failure).toMatchObject({ step: 'log-in', code: 'vcenter-login-refused' });
    expect(test.tools.probe.calls.count('logIn')).toBe(1);
  });

  it('tries again what a moment may cure', async () => {
    const test = bench();
    test.tools.probe.calls.failNext('greet', transientFailure());
    await test.advance();
    expect(test.run.status).toBe('success');
  });
});
