import { describe, expect, it } from 'vitest';
import { RUN_ID, stepBench } from '../testing';

const bench = () => stepBench('power-on');

describe('powering on', () => {
  it('starts the machine', async () => {
    const step = await bench();
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.poweredOn).toBe(true);
  });

  it('does no harm when it is done twice', async () => {
    const step = await bench();
    step.tools.vcenter.calls.loseAnswerOf('powerOn');
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)?.poweredOn).toBe(true);
  });
});
