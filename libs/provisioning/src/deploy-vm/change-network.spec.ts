import { describe, expect, it } from 'vitest';
import { machineRequest, placement, RUN_ID, STAGING, stepBench } from '../testing';

const staged = machineRequest({ placement: placement({ stagingPortGroup: STAGING }) });
const bench = (request = staged) => stepBench('change-network', request);

describe('moving the machine to its network', () => {
  it('connects its adapter to its own port group', async () => {
    const step = await bench();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.portGroup).toBe('network-2');
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.portGroup).toBe('network-1');
    expect(step.lines).toEqual(['Network adapter moved to VM Network.']);
  });

  it('does no harm when it is done twice', async () => {
    const step = await bench();
    step.tools.vcenter.calls.loseAnswerOf('connectNetwork');
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.portGroup).toBe('network-1');
  });

  it('is needed only where a staging port group was asked for', async () => {
    expect((await bench()).applies).toBe(true);
    expect((await bench(machineRequest())).applies).toBe(false);
  });
});
