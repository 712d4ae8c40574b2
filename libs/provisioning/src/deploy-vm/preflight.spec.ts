import { describe, expect, it } from 'vitest';
import {
  type FakeTools,
  machineRequest,
  placement,
  STAGING,
  stepBench,
  transientFailure,
} from '../testing';

const bench = (overrides = {}) => stepBench('preflight', machineRequest(overrides));

describe('preflight', () => {
  it('lets a request pass that can work, and says what it saw', async () => {
    const step = await bench();
    await step.take();
    expect(step.lines).toEqual([
      'vCenter answers and lets us in.',
      'Template debian-12, 10.0 GiB.',
      'The cluster C0 has the pool Resources.',
      'Datastore DS0 has 100.0 GiB free.',
      'The cluster has the port group VM Network.',
      'web-01 is free here and in vCenter.',
      '10.1.0.20 is free here, no machine in vCenter reports it, and nothing answers.',
      'DNS has nothing else for web-01 and 10.1.0.20.',
      'The credential opens. Whether the guest takes it, its login tells.',
      'The library has every playbook that was chosen (0).',
    ]);
  });

  it('changes nothing', async () => {
    const step = await bench();
    await step.take();
    expect(step.tools.vcenter.machines.size).toBe(0);
    expect(step.notes).toEqual({});
  });

  it('can be done twice', async () => {
    const step = await bench();
    await step.take();
    await step.take();
    expect(step.lines).toHaveLength(20);
  });

  it.each<[string, string, string, (tools: FakeTools) => void]>([
    [
      'a full datastore',
      'not-enough-space',
      'The machine needs 10.0 GiB, and DS0 has 5.0 GiB free.',
      ({ vcenter }) => (vcenter.datastoreFreeBytes = 5 * 1024 ** 3),
    ],
    [
      'a name that a machine in vCenter has',
      'name-in-vcenter',
      'The folder vm of vCenter already holds a machine called web-01.',
      ({ vcenter }) => vcenter.add({ name: 'web-01' }),
    ],
    [
      'an address that a machine in vCenter reports',
      'address-taken',
      'The machine printer in vCenter reports the address 10.1.0.20.',
      ({ vcenter }) => vcenter.add({ name: 'printer', addresses: ['10.1.0.20'] }),
    ],
    [
      'an address at which something answers that nobody knows of',
      'address-taken',
      'Something at 10.1.0.20 takes connections on port 443, although no machine in vCenter reports that address.',
      ({ network }) => network.listen('10.1.0.20', 443),
    ],
    [
      'a template that is gone',
      'template-missing',
      'The template debian-12 is gone.',
      ({ vcenter }) => vcenter.remove('debian-12'),
    ],
    [
      'a datastore that is gone',
      'placement-missing',
      'DS0 is gone.',
      ({ vcenter }) => vcenter.remove('DS0'),
    ],
  ])('refuses %s', async (_what, code, message, spoil) => {
    const step = await bench();
    spoil(step.tools);
    await expect(step.take()).rejects.toMatchObject({ code, message, transient: false });
  });

  it('warns of what DNS has, and goes on', async () => {
    const step = await bench();
    step.tools.network.record('10.1.0.20', 'printer.example.net');
    await step.take();
    expect(step.lines).toContain(
      'Warning: DNS calls 10.1.0.20 printer.example.net. Make sure that nobody else is meant, or correct the records.',
    );
  });

  it('counts the disk that was asked for, not only the template’s', async () => {
    const step = await bench({ diskGb: 101 });
    await expect(step.take()).rejects.toMatchObject({
      code: 'not-enough-space',
      message: 'The machine needs 101.0 GiB, and DS0 has 100.0 GiB free.',
    });
  });

  it('counts further disks that take their space at once', async () => {
    const disk = { sizeGb: 80, datastore: null };
    const disks = [
      { ...disk, thin: true },
      { ...disk, thin: false, datastore: { moRef: 'datastore-2', name: 'DS1' } },
      { ...disk, sizeGb: 91, thin: false },
    ];
    const step = await bench({ extraHardware: { disks, networks: [] } });
    await expect(step.take()).rejects.toMatchObject({
      message: 'The machine needs 101.0 GiB, and DS0 has 100.0 GiB free.',
    });
  });

  it('refuses a staging port group that is gone', async () => {
    const step = await bench({ placement: placement({ stagingPortGroup: STAGING }) });
    step.tools.vcenter.remove(STAGING.name);
    await expect(step.take()).rejects.toMatchObject({ code: 'placement-missing' });
  });

  it('refuses a playbook that the library does not have', async () => {
    const step = await bench({ playbookIds: ['nginx', 'gone'] });
    step.tools.playbooks.add('nginx');
    await expect(step.take()).rejects.toMatchObject({ code: 'playbook-missing' });
  });

  it('lets a vCenter that is away be asked again', async () => {
    const step = await bench();
    step.tools.vcenter.calls.failNext('inspect', transientFailure());
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    await expect(step.take()).resolves.toEqual({});
    expect(step.step.retry?.attempts).toBeGreaterThan(1);
  });

  it('does not take the machine of its own run for somebody else’s', async () => {
    const step = await stepBench('power-on');
    const again = await stepBench('preflight', machineRequest(), step.tools);
    await again.take();
    expect(again.lines).toEqual([
      'The machine of this run exists already; its name and space need no check.',
    ]);
  });
});
