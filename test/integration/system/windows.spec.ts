import { CredentialView, HostView, TemplateProfileView } from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { lookInVCenter } from '../../support/look-in-vcenter';
import { deploy, finished, logOf, machineInput } from '../../support/machines';
import { sharedSystem } from '../../support/shared-system';

const PASSWORD = 'Wk8-secret-of-the-administrator';

describe('a Windows machine', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  let credentialId: string;

  beforeAll(async () => {
    system = await sharedSystem();
    const { client, needed } = system;
    const login = { kind: 'winrm', username: 'Administrator', password: PASSWORD };
    credentialId = (await client.post('credentials', { name: 'Windows', ...login }, CredentialView))
      .id;
    const profile = {
      ...{ vcenterId: needed.vcenterId, template: 'windows-2022', osFamily: 'windows' },
      ...{ guestInit: 'sysprep', readiness: 'address', windows: { timeZone: 110 } },
    };
    await client.post('template-profiles', profile, TemplateProfileView);
  });

  const input = (hostname: string, more: object = {}) =>
    machineInput(system.needed, system.lab, {
      ...{ hostname, template: 'windows-2022', network: { address: '127.77.172.1' } },
      ...{ credentialId, ...more },
    });

  it('is cloned, given its hardware, customized by Sysprep, started and found at its address', async () => {
    const { client } = system;
    const extraNetworks = [
      { portGroup: 'DC0_DVPG1', cidr: '127.77.173.0/24', address: '127.77.173.9' },
    ];
    const runId = await deploy(
      client,
      input('win-01', { extraDisks: [{ sizeGb: 50 }], extraNetworks }),
    );
    const run = await finished(client, runId);
    expect(run.failure).toBeNull();
    expect(run.steps.filter(({ status }) => status === 'skipped').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['wait-for-login', 'configure-guest']),
    );
    const { state } = await lookInVCenter(system, run.id);
    expect(state).toMatchObject({
      ...{ hostName: 'win-01', toolsRunning: true, extraDisks: [{ bytes: 50 * 2 ** 30 }] },
      adapters: [{ addresses: ['127.77.172.1'] }, { addresses: ['127.77.173.9'] }],
    });
    const host = await client.get(`hosts/${String(run.result['hostId'])}`, HostView);
    expect(host).toMatchObject({ osFamily: 'windows', address: '127.77.172.1', hostKey: null });
    const told = [JSON.stringify(run), ...(await logOf(client, run.id))].join('\n');
    expect(told).toContain('win-01 with 127.77.172.1/16');
    expect(told).not.toContain(PASSWORD);
  });

  it.each([
    ['a name that NetBIOS cuts off', { hostname: 'windows-server-01' }, 400, 'hostname'],
    ['a name of digits', { hostname: '12345' }, 400, 'hostname'],
    ['another family', { osFamily: 'debian' }, 422, 'osFamily'],
  ])('is refused with %s', async (_what, wrong, status, path) => {
    const refused = deploy(system.client, { ...input('win-02'), ...wrong } as never);
    await expect(refused).rejects.toMatchObject({ problem: { status, errors: [{ path }] } });
  });

  it('needs a login over WinRM, as a Linux machine needs one over SSH', async () => {
    const { client, needed } = system;
    const overSsh = deploy(client, input('win-03', { credentialId: needed.credentialId }));
    const wrong = { problem: { status: 422, errors: [{ path: 'credentialId' }] } };
    await expect(overSsh).rejects.toMatchObject(wrong);
    const linux = deploy(client, input('lin-01', { template: 'debian-12' }));
    await expect(linux).rejects.toMatchObject(wrong);
  });
});
