import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContactHost } from '../ports/host-contacts';
import {
  CREDENTIAL_ID,
  fakeTools,
  RUN_ID,
  RunBench,
  transientFailure,
  VCENTER_ID,
} from '../testing';

/** A host that the tools know, with a machine that answers at its address. */
function host(tools: ReturnType<typeof fakeTools>, change: Partial<ContactHost> = {}) {
  const address = change.address ?? '10.1.0.20';
  const vm = tools.vcenter.add({ addresses: [address] });
  const added = {
    ...{ id: `host-${vm.moRef}`, name: 'web-01', address, sshPort: 22, hostKey: null },
    ...{ credentialId: CREDENTIAL_ID, machine: null },
    ...change,
  };
  tools.contacts.add(added);
  return { id: added.id, vm };
}

const check = (tools: ReturnType<typeof fakeTools>, ...hostIds: string[]) =>
  new RunBench(tools, { hostIds }, 'check-host');

const linked = (instanceUuid: string) => ({ machine: { vcenterId: VCENTER_ID, instanceUuid } });

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('checking hosts', () => {
  it('tells which hosts let us in, and why others do not', async () => {
    const tools = fakeTools();
    const { id, vm } = host(tools);
    tools.contacts.add({
      ...{ id: 'gone', name: 'gone-01', address: '10.1.0.99', sshPort: 22 },
      ...{ credentialId: CREDENTIAL_ID, hostKey: null, machine: null },
    });
    const run = check(tools, id, 'gone');
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(run.result).toEqual({
      hosts: 2,
      reachable: 1,
      unreachable: [{ name: 'gone-01', message: 'It does not answer.' }],
    });
    expect(run.store.lines.toSorted()).toEqual([
      'gone-01: It does not answer.',
      'web-01: logged in, pinned ssh-ed25519.',
    ]);
    expect(tools.contacts.keyOf(id)).toBe(`ssh-ed25519 AAAA${vm.moRef}`);
  });

  it('insists on the host key that is pinned', async () => {
    const tools = fakeTools();
    const { id } = host(tools, { hostKey: 'ssh-ed25519 AAAAfirst' });
    const run = check(tools, id);
    await run.advance();
    expect(run.result).toMatchObject({
      unreachable: [{ message: 'The guest has another host key.' }],
    });
    expect(tools.contacts.keyOf(id)).toBe('ssh-ed25519 AAAAfirst');
    expect(tools.vcenter.calls.made).toEqual([]);
  });

  it('pins the key of a virtual machine only when the guest is that machine', async () => {
    const tools = fakeTools();
    const { id: right } = host(tools, { address: '10.1.0.21' });
    const [own] = tools.vcenter.machines.values();
    tools.contacts.archive(right);
    tools.contacts.add({
      ...{ id: right, name: 'web-01', address: '10.1.0.21', sshPort: 22, hostKey: null },
      ...{ credentialId: CREDENTIAL_ID, ...linked(own?.instanceUuid ?? '') },
    });
    const other = tools.vcenter.add();
    const { id: wrong } = host(tools, {
      ...{ address: '10.1.0.22', name: 'web-02', ...linked(other.instanceUuid) },
    });
    const run = check(tools, right, wrong);
    await run.advance();
    expect(run.result).toMatchObject({
      reachable: 1,
      unreachable: [{ name: 'web-02', message: expect.stringContaining('Another machine') }],
    });
    expect(tools.contacts.keyOf(right)).toMatch('ssh-ed25519');
    expect(tools.contacts.keyOf(wrong)).toBeNull();
  });

  it('pins nothing when the virtual machine is gone, or vCenter does not answer', async () => {
    const tools = fakeTools();
    const gone = host(tools, { ...linked('0f0e0d0c-0b0a-4900-8000-0000000000dd') });
    const first = check(tools, gone.id);
    await first.advance();
    expect(first.result).toMatchObject({
      unreachable: [{ message: expect.stringContaining('not in vCenter any more') }],
    });
    tools.vcenter.calls.failNext('findByInstanceUuid', transientFailure());
    const again = new RunBench(tools, { hostIds: [gone.id] }, 'check-host');
    tools.contacts.add({
      ...{ id: gone.id, name: 'web-01', address: '10.1.0.20', sshPort: 22, hostKey: null },
      ...{ credentialId: CREDENTIAL_ID, ...linked(gone.vm.instanceUuid) },
    });
    await again.advance();
    expect(again.result).toMatchObject({ reachable: 0 });
    expect(tools.contacts.keyOf(gone.id)).toBeNull();
  });

  it('goes on after a crash with the hosts that have not been tried', async () => {
    const tools = fakeTools();
    const ids = [1, 2, 3].map(
      (last) => host(tools, { name: `web-${last}`, address: `10.1.0.${last}` }).id,
    );
    const run = check(tools, ...ids);
    await run.dieAfter('check-hosts');
    await run.advance();
    expect(run.result).toEqual({ hosts: 3, reachable: 3, unreachable: [] });
    expect(tools.guests.logins).toHaveLength(3);
  });

  it('is not led astray by another check of the same host', async () => {
    const tools = fakeTools();
    const { id } = host(tools);
    const reached = tools.contacts.reached.bind(tools.contacts);
    vi.spyOn(tools.contacts, 'reached').mockImplementation(async (...asked) => {
      await reached(...asked);
      const failure = { code: 'guest-unreachable', message: 'Gone.', remedy: 'Wait.' } as const;
      await tools.contacts.notReached('another run', id, failure);
    });
    const run = check(tools, id);
    await run.advance();
    expect(run.result).toEqual({ hosts: 1, reachable: 1, unreachable: [] });
    expect(tools.results.of(RUN_ID)).toMatchObject([{ host: 'web-01', ok: 1, unreachable: 0 }]);
  });

  it('logs in to many hosts, and to no more than ten at once', async () => {
    const tools = fakeTools();
    const ids = Array.from(
      { length: 40 },
      (_, at) => host(tools, { name: `web-${at}`, address: `10.1.1.${at}` }).id,
    );
    let [now, most] = [0, 0];
    const identify = tools.guests.identify.bind(tools.guests);
    vi.spyOn(tools.guests, 'identify').mockImplementation(async (...asked) => {
      most = Math.max(most, ++now);
      const answer = await identify(...asked);
      now -= 1;
      return answer;
    });
    const run = check(tools, ...ids);
    await run.advance();
    expect(run.result).toMatchObject({ hosts: 40, reachable: 40 });
    expect(most).toBe(10);
  });

  it('fails when no host is left to check', async () => {
    const tools = fakeTools();
    const run = check(tools, 'archived');
    await run.advance();
    expect(run.run).toMatchObject({ status: 'failed', failure: { code: 'host-missing' } });
  });

  it('does not take an error of ours for a finding about a host', async () => {
    const tools = fakeTools();
    const { id } = host(tools);
    tools.contacts.calls.failNext('reached', new Error('a bug'));
    const run = check(tools, id);
    await run.advance();
    expect(run.run.failure?.code).toBe('unexpected-error');
  });
});
