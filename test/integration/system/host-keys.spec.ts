import { HostPage, HostView, RunAccepted } from '@diaken/contracts';
import { fingerprintOf } from '@diaken/provisioning';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy, finished, machineInput, onGuest } from '../../support/machines';
import { problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const RENEW = [
  'rm /etc/ssh/ssh_host_ed25519_key*',
  "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key",
  'systemctl restart ssh',
  "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub",
].join(' && ');
const WRONG = `SHA256:${'A'.repeat(43)}`;

describe('a host whose key has changed', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  let api: RawApi;
  beforeAll(async () => {
    system = await sharedSystem();
    api = await RawApi.signedIn(inject('system').url);
  });

  async function deployed(hostname: string, address: string): Promise<HostView> {
    const { client, needed, lab } = system;
    const input = machineInput(needed, lab, { hostname, network: { address } });
    expect((await finished(client, await deploy(client, input))).failure).toBeNull();
    const { items } = await client.get(`hosts?name=${hostname}`, HostPage);
    return HostView.parse(items[0]);
  }
  const start = async (path: string, body = {}) =>
    finished(system.client, (await system.client.post(path, body, RunAccepted)).id);
  const keyOf = async (id: string) => (await system.client.get(`hosts/${id}`, HostView)).hostKey;

  it('is refused until its new key is read: vCenter tells that it is the machine', async () => {
    const { id, hostKey } = await deployed('rekeyed-01', '127.77.132.1');
    const renewed = await onGuest(system, '127.77.132.1', RENEW);
    expect(renewed).not.toBe(hostKey);
    const check = async () => {
      await start(`hosts/${id}/check`);
      return (await system.client.get(`hosts/${id}`, HostView)).contact?.failure;
    };
    await expect
      .poll(check, { timeout: 60_000 })
      .toMatchObject({ code: 'host-key-changed', remedy: expect.stringContaining('/host-key') });
    expect(await keyOf(id)).toBe(hostKey);

    const run = await start(`hosts/${id}/host-key`);
    expect(run).toMatchObject({ kind: 'read-host-key', target: 'rekeyed-01', failure: null });
    expect(run.result).toEqual({
      fingerprint: fingerprintOf(renewed),
      before: fingerprintOf(hostKey ?? ''),
    });
    expect(await keyOf(id)).toBe(renewed);
    expect(await check()).toBeNull();
    expect((await start(`runs/${run.id}/relaunch`)).failure).toBeNull();
  });

  it('that no vCenter knows is proven by the fingerprint on its console', async () => {
    const { client, lab, needed } = system;
    const { id: made, hostKey } = await deployed('rekeyed-02', '127.77.132.2');
    await client.remove(`hosts/${made}`);
    const host = { name: 'entered-02', address: '127.77.132.2', osFamily: 'debian' };
    const login = { credentialId: needed.credentialId, sshPort: lab.sshPort };
    const { id } = await client.post('hosts', { ...host, ...login }, HostView);
    const path = `hosts/${id}/host-key`;
    const missing = problemIn(await api.send('POST', path, { body: {} }));
    expect(missing).toMatchObject({ status: 400, errors: [{ path: 'fingerprint' }] });
    expect(problemIn(await api.send('POST', path, { body: { fingerprint: 'x' } }))).toMatchObject({
      errors: [{ path: 'fingerprint', message: expect.stringContaining('ssh-keygen') }],
    });

    const wrong = await start(path, { fingerprint: WRONG });
    expect(wrong.failure).toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining(`${WRONG} is expected`),
    });
    expect(await keyOf(id)).toBeNull();
    const right = await start(path, { fingerprint: fingerprintOf(hostKey ?? '') });
    expect(right.failure).toBeNull();
    expect(await keyOf(id)).toBe(hostKey);
  });
});
