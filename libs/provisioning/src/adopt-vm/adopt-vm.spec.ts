import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CREDENTIAL_ID,
  fakeTools,
  finalFailure,
  RUN_ID,
  RunBench,
  transientFailure,
  VCENTER_ID,
} from '../testing';

const ADDRESS = '10.1.0.20';

/** A run that adopts a machine which answers at its address. */
function adoption(change: object = {}) {
  const tools = fakeTools();
  const vm = tools.vcenter.add({ name: 'old-db', addresses: [ADDRESS] });
  const request = {
    ...{ name: 'db-01', address: ADDRESS, sshPort: 22, osFamily: 'debian', description: '' },
    ...{ credentialId: CREDENTIAL_ID, environmentId: null, groupIds: [], vcenterId: VCENTER_ID },
    ...{ machine: 'old-db', instanceUuid: vm.instanceUuid },
    ...change,
  };
  return { vm, tools, run: new RunBench(tools, request, 'adopt-vm') };
}

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('adopting a virtual machine', () => {
  it('makes it a host with the key that it has proved, and changes nothing on it', async () => {
    const { run, tools, vm } = adoption();
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(tools.hosts.hosts).toMatchObject([
      {
        ...{ name: 'db-01', address: ADDRESS, hostKey: `ssh-ed25519 AAAA${vm.moRef}` },
        ...{ vmMoRef: vm.moRef, vmInstanceUuid: vm.instanceUuid, createdByRun: RUN_ID },
      },
    ]);
    expect(tools.vcenter.calls.made).toEqual(['findByInstanceUuid']);
    expect(tools.ansible.calls.made).toEqual([]);
  });

  it('refuses another machine that answers at the address', async () => {
    const { run, tools } = adoption();
    tools.guests.intrude(ADDRESS);
    await run.advance();
    expect(run.run).toMatchObject({
      status: 'failed',
      failure: { step: 'log-in', code: 'guest-identity-mismatch' },
    });
    expect(tools.hosts.hosts).toEqual([]);
  });

  it('refuses a guest that does not say who it is', async () => {
    const { run, tools } = adoption();
    tools.guests.pretend({ productUuid: null });
    await run.advance();
    expect(run.run.failure?.code).toBe('guest-identity-unverified');
  });

  it('says that the machine is gone, and gives its name back when it is rolled back', async () => {
    const { run, tools } = adoption({ instanceUuid: '0f0e0d0c-0b0a-4900-8000-0000000000dd' });
    await run.advance();
    expect(run.run.failure).toMatchObject({ step: 'find-machine', code: 'machine-missing' });
    expect(tools.addresses.heldBy(RUN_ID)).toHaveLength(2);
    await run.rollBack();
    expect(run.run.status).toBe('rolled_back');
    expect(tools.addresses.heldBy(RUN_ID)).toEqual([]);
  });

  it('is done once when every step is done twice', async () => {
    for (const step of ['reserve-name', 'find-machine', 'log-in', 'register-host']) {
      const { run, tools } = adoption();
      await run.dieAfter(step);
      await run.advance();
      expect(run.run.status).toBe('success');
      expect(tools.hosts.hosts).toHaveLength(1);
    }
  });

  it('asks a vCenter and a guest that do not answer again', async () => {
    const { run, tools } = adoption();
    tools.vcenter.calls.failNext('findByInstanceUuid', transientFailure());
    tools.guests.calls.failNext('identify', transientFailure('guest-unreachable'));
    await run.advance();
    expect(run.run.status).toBe('success');
  });

  it('leaves no host when it is rolled back at its last step', async () => {
    const { run, tools } = adoption();
    tools.hosts.calls.loseAnswerOf('register', finalFailure('address-taken'));
    await run.advance();
    expect(run.run.status).toBe('failed');
    await run.rollBack();
    expect(run.run.status).toBe('rolled_back');
    expect(tools.hosts.hosts).toEqual([]);
    expect(tools.addresses.heldBy(RUN_ID)).toEqual([]);
  });
});
