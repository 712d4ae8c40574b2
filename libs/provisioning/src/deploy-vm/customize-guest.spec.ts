import { WindowsSettings, WITHOUT_PROFILE } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { CREDENTIAL_ID, guestNetwork, machineRequest, RUN_ID, stepBench } from '../testing';

const bench = (overrides = {}) => stepBench('customize-guest', machineRequest(overrides));

describe('customizing the guest', () => {
  it('gives it name, address, netmask, gateway and name servers', async () => {
    const step = await bench({
      network: guestNetwork({ cidr: '10.1.0.0/23', domain: 'example.net' }),
    });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.customization).toEqual({
      hostname: 'web-01',
      domain: 'example.net',
      ipv4: { address: '10.1.0.20', prefix: 23, gateway: '10.1.0.1' },
      dns: ['10.1.0.2'],
    });
  });

  it('leaves out what was not asked for', async () => {
    const { gateway: _gateway, ...network } = guestNetwork();
    const step = await bench({ network });
    await step.take();
    const order = step.tools.vcenter.machineOf(RUN_ID)?.customization ?? {};
    expect(order).toEqual({
      hostname: 'web-01',
      ipv4: { address: '10.1.0.20', prefix: 24 },
      dns: ['10.1.0.2'],
    });
  });

  it('gives further adapters their addresses, or lets them ask DHCP', async () => {
    const portGroup = { moRef: 'network-2', name: 'Staging' };
    const networks = [{ portGroup }, { portGroup, cidr: '10.2.0.0/22', address: '10.2.0.5' }];
    const step = await bench({ extraHardware: { disks: [], networks } });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.customization?.extraAddresses).toEqual([
      null,
      { address: '10.2.0.5', prefix: 22 },
    ]);
  });

  it('tells Sysprep what the template’s profile says, and whose password the Administrator gets', async () => {
    const guest = { ...WITHOUT_PROFILE, osFamily: 'windows', guestInit: 'sysprep' } as const;
    const windows = WindowsSettings.parse({ timeZone: 110, organization: 'Example' });
    const step = await bench({ guest: { ...guest, readiness: 'address', windows } });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.customization?.sysprep).toEqual({
      ...windows,
      credentialId: CREDENTIAL_ID,
    });
    const plain = await bench({ guest: { ...guest, readiness: 'address' } });
    await plain.take();
    expect(plain.tools.vcenter.machineOf(RUN_ID)?.customization?.sysprep).toMatchObject({
      timeZone: 90,
      workgroup: 'WORKGROUP',
    });
  });

  it('does no harm when it is done twice', async () => {
    const step = await bench();
    await step.take();
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.customization?.ipv4?.address).toBe('10.1.0.20');
  });

  it('leaves a machine alone that runs already', async () => {
    const step = await bench();
    await step.take();
    Object.assign(step.tools.vcenter.machineOf(RUN_ID) ?? {}, { poweredOn: true });
    await step.take();
    expect(step.tools.vcenter.calls.count('customize')).toBe(1);
    expect(step.lines.at(-1)).toBe('The machine runs already, so it has been customized.');
  });
});
