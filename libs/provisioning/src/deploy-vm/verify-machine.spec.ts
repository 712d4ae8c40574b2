import { describe, expect, it } from 'vitest';
import { machineRequest, RUN_ID, STAGING, type StepBench, stepBench } from '../testing';

const EXTRAS = {
  disks: [{ sizeGb: 20, thin: true, datastore: { moRef: 'datastore-2', name: 'DS1' } }],
  networks: [{ portGroup: STAGING, cidr: '10.2.0.0/24', address: '10.2.0.5' }],
};
const bench = (overrides = {}) => stepBench('verify-machine', machineRequest(overrides));
const inVCenter = ({ tools }: StepBench, change: object) =>
  Object.assign(tools.vcenter.machineOf(RUN_ID) ?? {}, change);

describe('verifying the machine', () => {
  it('passes a machine that is what was asked for', async () => {
    const step = await bench();
    await step.take();
    expect(step.lines).toEqual(['Verified: web-01 at 10.1.0.20, on VM Network.']);
  });

  it('can be done twice', async () => {
    const step = await bench();
    await step.take();
    await expect(step.take()).resolves.toEqual({});
  });

  it('logs in at the final address with the pinned host key', async () => {
    const step = await bench();
    await step.take();
    expect(step.tools.guests.logins.at(-1)).toMatchObject({
      address: '10.1.0.20',
      hostKey: step.facts['hostKey'],
    });
  });

  it.each<[string, string, (step: StepBench) => void]>([
    [
      'another host name',
      'the guest calls itself localhost, not web-01',
      ({ tools }) => tools.guests.pretend({ hostName: 'localhost' }),
    ],
    [
      'another address in the guest',
      'the guest has 10.1.0.21, 10.1.0.22, not 10.1.0.20',
      ({ tools }) => tools.guests.pretend({ addresses: ['10.1.0.21', '10.1.0.22'] }),
    ],
    [
      'another gateway',
      'the guest’s gateway is 10.1.0.254, not 10.1.0.1',
      ({ tools }) => tools.guests.pretend({ gateway: '10.1.0.254' }),
    ],
    [
      'another network',
      'its network adapter is not on VM Network',
      (step) => inVCenter(step, { portGroup: 'network-2' }),
    ],
    ['other CPUs', 'it has 1 CPUs, not 2', (step) => inVCenter(step, { cpus: 1 })],
    [
      'other memory',
      'it has 1024 MiB of memory, not 2048',
      (step) => inVCenter(step, { memoryMb: 1_024 }),
    ],
  ])('says that a machine has %s', async (_what, message, spoil) => {
    const step = await bench();
    spoil(step);
    await expect(step.take()).rejects.toMatchObject({
      code: 'verification-failed',
      message: `The machine is not what was asked for: ${message}.`,
    });
  });

  it('passes a machine with the further disks and adapters that were asked for', async () => {
    const step = await bench({ extraHardware: EXTRAS, diskGb: 10 });
    await expect(step.take()).resolves.toEqual({});
  });

  it.each([
    ['a first disk that is too small', { diskGb: 9 }, 'its first disk has 9 GiB, not 10'],
    ['a further disk too few', { extraDisks: [] }, 'its further disk 1 has 0 GiB, not 20'],
    [
      'a further disk elsewhere',
      { extraDisks: [{ sizeGb: 20, thin: true, datastore: null }] },
      'its further disk 1 is not on DS1',
    ],
    [
      'a further adapter elsewhere',
      { extraPortGroups: ['network-1'] },
      'its network adapter 2 is not on Staging',
    ],
    [
      'a further adapter without its address',
      { customization: null },
      'its network adapter 2 has no address, not 10.2.0.5',
    ],
  ])('says that a machine has %s', async (_what, change, message) => {
    const step = await bench({ extraHardware: EXTRAS, diskGb: 10 });
    step.tools.guests.pretend({ gateway: '10.1.0.1' });
    inVCenter(step, change);
    await expect(step.take()).rejects.toThrow(`is not what was asked for: ${message}.`);
  });

  it.each([
    [[], 'no address'],
    [['10.1.0.21'], '10.1.0.21'],
  ])('says that VMware Tools report %j', async (addresses, told) => {
    const step = await bench();
    const ours = step.tools.vcenter.machineOf(RUN_ID);
    step.tools.guests.intrude('10.1.0.20', {
      ...pinned(step),
      ...{ hostName: 'web-01', productUuid: ours?.biosUuid ?? '', gateway: '10.1.0.1' },
    });
    inVCenter(step, { addresses });
    await expect(step.take()).rejects.toThrow(`VMware Tools report ${told}, not 10.1.0.20`);
  });

  it('names all that is wrong at once, and looks again: guests tell of changes late', async () => {
    const step = await bench();
    step.tools.guests.pretend({ hostName: 'localhost' });
    inVCenter(step, { cpus: 4 });
    await expect(step.take()).rejects.toMatchObject({
      message:
        'The machine is not what was asked for: the guest calls itself localhost, not web-01; it has 4 CPUs, not 2.',
      transient: true,
    });
    expect(step.step.retry?.attempts).toBeGreaterThan(1);
  });

  it.each([
    ['a full host name', { hostName: 'web-01.example.net' }],
    ['no ip command', { addresses: [], gateway: null }],
    ['more addresses than asked for', { addresses: ['172.17.0.1', '10.1.0.20'] }],
  ])('passes a guest with %s', async (_what, said) => {
    const step = await bench();
    step.tools.guests.pretend(said);
    await expect(step.take()).resolves.toEqual({});
  });

  it.each([
    ['another machine with another key', 'host-key-changed', () => ({})],
    ['another machine with the same key', 'guest-identity-mismatch', pinned],
  ])('refuses %s', async (_what, code, said) => {
    const step = await bench();
    step.tools.guests.intrude('10.1.0.20', said(step));
    await expect(step.take()).rejects.toMatchObject({ code, transient: false });
  });
});

function pinned({ facts }: StepBench): { hostKey: string } {
  return { hostKey: String(facts['hostKey']) };
}
