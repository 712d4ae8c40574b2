import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '../ports/guest-shell';
import { CREDENTIAL_ID, fakeTools, RunBench, VCENTER_ID } from '../testing';

const ADDRESS = '10.1.0.20';
const OLD = 'ssh-ed25519 AAAAold';

/** A host with an old key; `linked`: it is known to be the virtual machine that answers. */
function hostOf(tools: ReturnType<typeof fakeTools>, linked: boolean) {
  const { instanceUuid, moRef } = tools.vcenter.add({ addresses: [ADDRESS] });
  tools.contacts.add({
    ...{ id: 'host', name: 'web-01', address: ADDRESS, sshPort: 22, hostKey: OLD },
    ...{ credentialId: CREDENTIAL_ID },
    machine: linked ? { vcenterId: VCENTER_ID, instanceUuid } : null,
  });
  return `ssh-ed25519 AAAA${moRef}`;
}

const reading = (tools: ReturnType<typeof fakeTools>, fingerprint?: string) =>
  new RunBench(tools, { hostId: 'host', fingerprint }, 'read-host-key');

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('reading a host key', () => {
  it('pins the new key of the virtual machine, and says which was pinned before', async () => {
    const tools = fakeTools();
    const key = hostOf(tools, true);
    const run = reading(tools);
    await run.advance();
    expect(run.result).toEqual({ fingerprint: fingerprintOf(key), before: fingerprintOf(OLD) });
    expect(tools.contacts.keyOf('host')).toBe(key);
    expect(tools.guests.logins).toEqual([
      { address: ADDRESS, port: 22, credentialId: CREDENTIAL_ID },
    ]);
  });

  it('pins nothing when another machine answers', async () => {
    const tools = fakeTools();
    hostOf(tools, true);
    tools.guests.intrude(ADDRESS);
    const run = reading(tools);
    await run.advance();
    expect(run.run.failure?.code).toBe('guest-identity-mismatch');
    expect(tools.contacts.keyOf('host')).toBe(OLD);
  });

  it('does not even log in where nothing would prove who answers', async () => {
    const tools = fakeTools();
    hostOf(tools, false);
    const run = reading(tools);
    await run.advance();
    expect(run.run.failure?.code).toBe('guest-identity-unverified');
    expect(tools.guests.logins).toEqual([]);
  });

  it('logs in with the fingerprint that was named, and with no other', async () => {
    const tools = fakeTools();
    const key = hostOf(tools, false);
    const run = reading(tools, fingerprintOf(key));
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(tools.guests.logins).toMatchObject([{ hostKeyFingerprint: fingerprintOf(key) }]);
    const wrong = reading(tools, fingerprintOf(OLD));
    await wrong.advance();
    expect(wrong.run.failure?.code).toBe('host-key-changed');
    expect(tools.contacts.keyOf('host')).toBe(key);
  });

  it('ends well when it had pinned the key before it crashed', async () => {
    const tools = fakeTools();
    const key = hostOf(tools, true);
    const run = reading(tools);
    await run.dieAfter('pin-host-key');
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(tools.contacts.keyOf('host')).toBe(key);
  });

  it('fails when the host was changed meanwhile, or is archived', async () => {
    const tools = fakeTools();
    hostOf(tools, true);
    vi.spyOn(tools.contacts, 'pin').mockResolvedValueOnce(false);
    const changed = reading(tools);
    await changed.advance();
    expect(changed.run.failure?.code).toBe('host-missing');
    tools.contacts.archive('host');
    const archived = reading(tools);
    await archived.advance();
    expect(archived.run.failure?.code).toBe('host-missing');
  });
});
