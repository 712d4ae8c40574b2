import { describe, expect, it } from 'vitest';
import {
  CREDENTIAL_ID,
  fakeTools,
  finalFailure,
  requestFor,
  RUN_ID,
  RunBench,
  stepBench,
} from '../testing';

/** Names of the steps that the run has taken. */
const taken = ({ run }: RunBench) =>
  run.steps.filter(({ status }) => status === 'success').map(({ name }) => name);

describe('a machine whose address comes by DHCP', () => {
  const request = requestFor({ address: 'dhcp' });

  it('is ready at its lease, which is its own from then on', async () => {
    const deploy = new RunBench(fakeTools(), { ...request });
    await deploy.advance();
    expect(deploy.run).toMatchObject({ status: 'success' });
    expect(deploy.tools.vcenter.machineOf(RUN_ID)?.customization?.ipv4).toBeNull();
    expect(deploy.tools.addresses.heldBy(RUN_ID)).toEqual(['web-01', '10.1.0.120']);
    expect(deploy.tools.hosts.hosts).toMatchObject([{ address: '10.1.0.120' }]);
    expect(deploy.tools.notifier.messages).toMatchObject([{ address: '10.1.0.120' }]);
  });

  it('asks that the lease has stayed for ten seconds', async () => {
    const step = await stepBench('wait-for-address', request);
    const { waitForAnyAddress } = step.tools.vcenter;
    const asked: number[] = [];
    step.tools.vcenter.waitForAnyAddress = (id, machine, unchangedForMs, signal) => {
      asked.push(unchangedForMs);
      return waitForAnyAddress.call(step.tools.vcenter, id, machine, unchangedForMs, signal);
    };
    await step.take();
    await step.take();
    expect(asked).toEqual([10_000, 10_000]);
  });

  it('is refused an address that another run holds', async () => {
    const tools = fakeTools();
    await tools.addresses.hold('0f0e0d0c-0b0a-4900-8000-00000000000b', 'db-01', '10.1.0.120');
    const deploy = new RunBench(tools, { ...request });
    await deploy.advance();
    expect(deploy.run.failure).toMatchObject({ step: 'wait-for-address', code: 'address-taken' });
  });

  it('leaves nothing behind when it is rolled back', async () => {
    const deploy = new RunBench(fakeTools(), { ...request });
    const happens = () => {
      throw finalFailure('vcenter-fault', 'Out of order.');
    };
    await deploy.advance({ after: 'wait-for-address', happens });
    await deploy.rollBack();
    expect(deploy.run.status).toBe('rolled_back');
    expect(deploy.tools.addresses.heldBy(RUN_ID)).toEqual([]);
    expect(deploy.tools.vcenter.machines.size).toBe(0);
  });
});

describe('a machine that nobody logs in to', () => {
  const readyAt = async (readiness: string, tools = fakeTools()) => {
    const deploy = new RunBench(tools, { ...requestFor({ readiness }) });
    await deploy.advance();
    return deploy;
  };

  it.each([
    ['none', []],
    ['tools', ['wait-for-address']],
    ['address', ['wait-for-address']],
  ])('is ready with %s, verified as far as vCenter tells, and a host', async (readiness, waits) => {
    const deploy = await readyAt(readiness);
    expect(deploy.run).toMatchObject({ status: 'success' });
    expect(taken(deploy).slice(5)).toEqual([
      ...['power-on', ...waits],
      ...['verify-machine', 'register-host', 'notify'],
    ]);
    expect(deploy.tools.guests.logins).toEqual([]);
    expect(deploy.tools.hosts.hosts).toMatchObject([{ address: '10.1.0.20', hostKey: null }]);
  });

  it('is verified all the same', async () => {
    const step = await stepBench('verify-machine', requestFor({ readiness: 'address' }));
    Object.assign(step.tools.vcenter.machineOf(RUN_ID) ?? {}, { cpus: 7, addresses: [] });
    await expect(step.take()).rejects.toThrow(
      'VMware Tools report no address, not 10.1.0.20; it has 7 CPUs, not 2.',
    );
  });

  it('is ready once it listens on the port that the profile names', async () => {
    const tools = fakeTools();
    tools.guests.listening.add('10.1.0.20:443');
    const deploy = await readyAt('tcp:443', tools);
    expect(deploy.run.status).toBe('success');
    expect(taken(deploy)).toContain('wait-for-port');
    expect(taken(deploy)).not.toContain('wait-for-login');
  });
});

describe('a template that we do not give name and address', () => {
  it('is started as it is', async () => {
    const tools = fakeTools();
    tools.vcenter.templateAddress = '10.1.0.20';
    const request = requestFor({ guestInit: 'none', readiness: 'address' });
    const deploy = new RunBench(tools, { ...request });
    await deploy.advance();
    expect(deploy.run.status).toBe('success');
    expect(taken(deploy)).not.toContain('customize-guest');
    expect(tools.vcenter.calls.count('customize')).toBe(0);
  });
});

describe('a template with cloud-init', () => {
  const request = requestFor({ guestInit: 'cloud-init' });

  it('is left name, address and the public key of the credential, and no customization', async () => {
    const step = await stepBench('customize-guest', request);
    await step.take();
    expect(step.tools.vcenter.calls.count('customize')).toBe(0);
    expect(step.tools.vcenter.machineOf(RUN_ID)?.customization).toEqual({
      hostname: 'web-01',
      ipv4: { address: '10.1.0.20', prefix: 24, gateway: '10.1.0.1' },
      dns: ['10.1.0.2'],
      login: {
        ...{ username: 'deploy', publicKey: `ssh-ed25519 AAAA${CREDENTIAL_ID}` },
        asksPassword: false,
      },
    });
  });

  it('is left the same when it is done twice, and nothing once the machine runs', async () => {
    const step = await stepBench('customize-guest', request);
    await step.take();
    await step.take();
    Object.assign(step.tools.vcenter.machineOf(RUN_ID) ?? {}, { poweredOn: true });
    await step.take();
    expect(step.tools.vcenter.calls.count('seedCloudInit')).toBe(2);
  });

  it('is waited for before the guest is configured', async () => {
    const step = await stepBench('configure-guest', request);
    await step.take();
    expect(step.tools.ansible.started[0]?.extraVars).toMatchObject({ diaken_cloud_init: true });
  });
});

describe('a guest with a Python of its own', () => {
  it('is played on with that', async () => {
    const step = await stepBench(
      'configure-guest',
      requestFor({ interpreter: '/usr/bin/python3.11' }),
    );
    await step.take();
    const [order] = step.tools.ansible.started;
    expect(order?.hosts).toMatchObject([{ interpreter: '/usr/bin/python3.11' }]);
  });
});
