import { describe, expect, it } from 'vitest';
import { machineRequest, placement, RUN_ID, STAGING, stepBench } from '../testing';

const bench = (overrides = {}) => stepBench('configure-hardware', machineRequest(overrides));
const EXTRAS = {
  disks: [
    { sizeGb: 20, thin: true, datastore: null },
    { sizeGb: 30, thin: false, datastore: { moRef: 'datastore-2', name: 'DS1' } },
  ],
  networks: [{ portGroup: STAGING }],
};
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
    expect(step.lines).toEqual([
      '2 CPUs, 2048 MiB of memory; first disk at least 40 GiB; network adapters on VM Network.',
    ]);
  });

  it('mends CPUs and memory where the clone has those of the template', async () => {
    const step = await bench({ cpus: 4, memoryMb: 8_192 });
    Object.assign(step.tools.vcenter.machineOf(RUN_ID) ?? {}, { cpus: 1, memoryMb: 1_024 });
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)).toMatchObject({ cpus: 4, memoryMb: 8_192 });
  });

  it('adds further disks and network adapters', async () => {
    const step = await bench({ extraHardware: EXTRAS });
    await step.take();
    await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)).toMatchObject({
      extraDisks: EXTRAS.disks,
      portGroup: 'network-1',
      extraPortGroups: ['network-2'],
    });
    expect(step.lines[0]).toBe(
      '2 CPUs, 2048 MiB of memory; further disks: 20 GiB, 30 GiB on DS1; network adapters on VM Network, Staging.',
    );
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
