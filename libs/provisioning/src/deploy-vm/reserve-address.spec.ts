import { describe, expect, it } from 'vitest';
import { machineRequest, RUN_ID, stepBench } from '../testing';

const OTHER_RUN = '0f0e0d0c-0b0a-4900-8000-00000000000b';
const bench = (overrides = {}) => stepBench('reserve-address', machineRequest(overrides));

describe('reserving name and address', () => {
  it('holds both for the run, and gives the address', async () => {
    const step = await bench();
    expect(await step.take()).toEqual({ address: '10.1.0.20' });
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual(['10.1.0.20', 'web-01']);
  });

  it('holds them once when it is done twice', async () => {
    const step = await bench();
    await step.take();
    expect(await step.take()).toEqual({ address: '10.1.0.20' });
    expect(step.tools.addresses.heldBy(RUN_ID)).toHaveLength(2);
  });

  it('holds the addresses of further adapters, too', async () => {
    const portGroup = { moRef: 'network-2', name: 'Staging' };
    const networks = [{ portGroup }, { portGroup, cidr: '10.2.0.0/24', address: '10.2.0.5' }];
    const step = await bench({ extraHardware: { disks: [], networks } });
    await step.take();
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual(['10.1.0.20', '10.2.0.5', 'web-01']);
    expect(step.lines).toEqual(['web-01 and 10.1.0.20 and 10.2.0.5 are reserved for this run.']);
    await step.undo();
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual([]);
  });

  it.each([
    ['an address', 'address-taken', 'db-01', '10.1.0.20'],
    ['a name', 'hostname-taken', 'web-01', '10.1.0.99'],
  ])('refuses %s that another run holds, and keeps nothing', async (_what, code, name, address) => {
    const step = await bench();
    await step.tools.addresses.hold(OTHER_RUN, name, address);
    await expect(step.take()).rejects.toMatchObject({ code, transient: false });
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual([]);
  });

  it('gives back what a worker that died had reserved', async () => {
    const step = await bench();
    step.tools.addresses.calls.loseAnswerOf('hold');
    await expect(step.take()).rejects.toThrow();
    await step.undo();
    expect(step.tools.addresses.heldBy(RUN_ID)).toEqual([]);
    expect(step.lines).toEqual(['web-01 and 10.1.0.20 are no longer reserved for this run.']);
  });

  it('gives back nothing of others, also when it had reserved nothing', async () => {
    const step = await bench();
    await step.tools.addresses.hold(OTHER_RUN, 'db-01', '10.1.0.99');
    await step.undo();
    expect(step.tools.addresses.heldBy(OTHER_RUN)).toHaveLength(2);
  });
});
