import { describe, expect, it } from 'vitest';
import { machineRequest, placement, RUN_ID, STAGING, stepBench } from '../testing';

const bench = (overrides = {}) => stepBench('configure-hardware', machineRequest(overrides));
const staged = { placement: placement({ stagingPortGroup: STAGING }) };

describe('configuring the hardware', () => {
  it.each([
    ['its own port group', {}, 'network-1'],
    ['the staging port group, where one is asked for', staged, 'network-2'],
  ])('connects the machine to %s', async (_what, overrides, portGroup) => {
    const step = await bench(overrides);
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)).toMatchObject({ portGroup, diskGb: 10 });
  });

  it('grows the disk, and says so', async () => {
    const step = await bench({ diskGb: 40 });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.diskGb).toBe(40);
    expect(step.lines).toEqual(['Network adapter on VM Network, first disk at least 40 GiB.']);
  });

  it('does no harm when it is done twice', async () => {
    const step = await bench({ ...staged, diskGb: 40 });
    step.tools.vcenter.calls.loseAnswerOf('configureHardware');
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)).toMatchObject({
      portGroup: 'network-2',
      diskGb: 40,
    });
  });

  it('says that the machine is gone when somebody removed it', async () => {
    const step = await bench();
    step.tools.vcenter.machines.clear();
    await expect(step.take()).rejects.toMatchObject({ code: 'machine-missing', transient: false });
  });
});
