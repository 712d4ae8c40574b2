import { PREFLIGHT_CHECKS, type PreflightRequest, PreflightReport } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { fakeTools, finalFailure, machineRequest, RunBench, transientFailure } from '../testing';

const OTHER_RUN = '0f0e0d0c-0b0a-4900-8000-0000000000b1';

const request = (change: Partial<PreflightRequest> = {}): PreflightRequest => ({
  ...machineRequest(),
  refusal: null,
  ...change,
});

/** Checks the request, and answers the report. */
async function checked(tools = fakeTools(), change: Partial<PreflightRequest> = {}) {
  const bench = new RunBench(tools, { ...request(change) }, 'preflight');
  await bench.advance();
  expect(bench.run.status).toBe('success');
  return PreflightReport.parse(bench.result);
}

const states = ({ checks }: PreflightReport) =>
  Object.fromEntries(checks.map(({ check, state }) => [check, state]));

const all = (state: string) => Object.fromEntries(PREFLIGHT_CHECKS.map((check) => [check, state]));

describe('checking a request for a machine', () => {
  it('passes one that can be met, check by check', async () => {
    const report = await checked();
    expect(report.passed).toBe(true);
    expect(report.checks.map(({ check }) => check)).toEqual(PREFLIGHT_CHECKS);
    expect(states(report)).toEqual(all('ok'));
  });

  it('reserves nothing and makes nothing', async () => {
    const tools = fakeTools();
    await checked(tools);
    expect(tools.vcenter.machines.size).toBe(0);
    expect(new Set(tools.addresses.calls.made)).toEqual(new Set(['holder']));
    await expect(tools.addresses.hold(OTHER_RUN, 'web-01', '10.1.0.20')).resolves.toBeUndefined();
  });

  it('makes all checks, also after one that failed', async () => {
    const tools = fakeTools();
    tools.vcenter.remove('debian-12');
    tools.vcenter.datastoreFreeBytes = 0;
    tools.vcenter.remove('VM Network');
    tools.vcenter.add({ name: 'web-01', addresses: ['10.1.0.20'] });
    tools.guests.calls.failNext('tryCredential', finalFailure('secret-unreadable'));
    const report = await checked(tools, { playbookIds: ['gone'], diskGb: 20 });
    expect(report.passed).toBe(false);
    expect(report.checks.map(({ check, code }) => [check, code])).toEqual([
      ['references', null],
      ['vcenter', null],
      ['template', 'template-missing'],
      ['placement', null],
      ['datastore', 'not-enough-space'],
      ['network', 'placement-missing'],
      ['name', 'name-in-vcenter'],
      ['address', 'address-taken'],
      ['dns', null],
      ['credential', 'secret-unreadable'],
      ['playbooks', 'playbook-missing'],
    ]);
    for (const { state, cause, remedy } of report.checks) {
      expect(cause).not.toBe('');
      expect(remedy === '').toBe(state === 'ok');
    }
  });

  it('names who holds the name or the address', async () => {
    const tools = fakeTools();
    await tools.addresses.hold(OTHER_RUN, 'web-01', '10.1.0.20');
    const { checks } = await checked(tools);
    expect(checks.filter(({ state }) => state === 'failed')).toMatchObject([
      { check: 'name', code: 'hostname-taken', cause: expect.stringContaining(OTHER_RUN) },
      { check: 'address', code: 'address-taken', cause: expect.stringContaining(OTHER_RUN) },
    ]);
  });

  it.each([transientFailure(), finalFailure('vcenter-login-refused')])(
    'tells of a vCenter that answers $code, and checks what needs no vCenter',
    async (failure) => {
      const tools = fakeTools();
      tools.vcenter.calls.failNext('inspect', failure);
      const report = await checked(tools);
      expect(report.passed).toBe(false);
      expect(states(report)).toEqual({
        ...all('not-checked'),
        ...{ references: 'ok', vcenter: 'failed', dns: 'ok', credential: 'ok', playbooks: 'ok' },
      });
      expect(report.checks[1]).toMatchObject({ check: 'vcenter', code: failure.code });
    },
  );

  it('tells of names that nothing has, and checks what they are not needed for', async () => {
    const refusal = {
      code: 'unknown-object',
      cause: 'template: no template called "x"',
      remedy: 'Correct it.',
    } as const;
    const report = await checked(fakeTools(), { placement: null, refusal });
    expect(report.checks[0]).toEqual({ check: 'references', state: 'failed', ...refusal });
    expect(states(report)).toEqual({
      ...all('not-checked'),
      ...{ references: 'failed', vcenter: 'ok', dns: 'ok', credential: 'ok', playbooks: 'ok' },
    });
  });

  it('checks no address where no profile has given one', async () => {
    const refusal = { code: 'no-free-address', cause: 'All are taken.', remedy: 'Wait.' } as const;
    const report = await checked(fakeTools(), { placement: null, refusal, network: {} });
    expect(states(report)).toMatchObject({ address: 'not-checked', dns: 'not-checked' });
    expect(report.checks[0]).toMatchObject({ check: 'references', code: 'no-free-address' });
  });

  it('cannot tell whether the name is free in a folder that is gone', async () => {
    const tools = fakeTools();
    tools.vcenter.remove('vm');
    expect(states(await checked(tools))).toMatchObject({
      placement: 'failed',
      name: 'not-checked',
    });
  });

  it('does not look for the port groups of a cluster that is gone', async () => {
    const tools = fakeTools();
    tools.vcenter.remove('C0');
    expect(states(await checked(tools))).toMatchObject({
      ...{ placement: 'failed', network: 'not-checked', address: 'ok' },
    });
  });
});
