import { describe, expect, it } from 'vitest';
import { CREDENTIAL_ID, machineRequest, RUN_ID, stepBench, VCENTER_ID } from '../testing';

const bench = (overrides = {}) => stepBench('register-host', machineRequest(overrides));

describe('registering the host', () => {
  it('puts the machine into the inventory with all that is needed to reach it', async () => {
    const step = await bench();
    const { hostKey } = step.facts;
    expect(await step.take()).toEqual({ hostId: 'host-1' });
    expect(step.tools.hosts.hosts).toEqual([
      {
        ...{ id: 'host-1', name: 'web-01', address: '10.1.0.20', sshPort: 22, hostKey },
        ...{ osFamily: 'debian', credentialId: CREDENTIAL_ID, environmentId: null },
        groupIds: [],
        ...{ vcenterId: VCENTER_ID, vmMoRef: step.tools.vcenter.machineOf(RUN_ID)?.moRef },
        ...{ vmInstanceUuid: RUN_ID, createdByRun: RUN_ID },
      },
    ]);
  });

  it('puts it into the environment and the groups that were asked for', async () => {
    const environmentId = '0f0e0d0c-0b0a-4900-8000-0000000000ee';
    const groupIds = ['0f0e0d0c-0b0a-4900-8000-0000000000ef'];
    const step = await bench({ environmentId, groupIds });
    await step.take();
    expect(step.tools.hosts.hosts[0]).toMatchObject({ environmentId, groupIds });
  });

  it('registers one host when it is done twice', async () => {
    const step = await bench();
    step.tools.hosts.calls.loseAnswerOf('register');
    await expect(step.take()).rejects.toThrow();
    expect(await step.take()).toEqual({ hostId: 'host-1' });
    expect(step.tools.hosts.hosts).toHaveLength(1);
  });

  it('makes name and address the host’s: the run cannot give them back any more', async () => {
    const step = await bench();
    await step.take();
    await step.tools.addresses.release(RUN_ID);
    expect(step.tools.addresses.heldBy(RUN_ID)).toHaveLength(2);
  });

  it('takes the host out again, so that the run can give them back', async () => {
    const step = await bench();
    step.tools.hosts.calls.loseAnswerOf('register');
    await expect(step.take()).rejects.toThrow();
    await step.undo();
    expect(step.tools.hosts.hosts).toEqual([]);
    expect(step.lines).toEqual(['web-01 is out of the inventory of hosts.']);
    await step.tools.addresses.release(RUN_ID);
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual([]);
  });

  it('has nothing to undo when it registered nothing', async () => {
    const step = await bench();
    await step.undo();
    await step.undo();
    expect(step.tools.hosts.hosts).toEqual([]);
  });
});
