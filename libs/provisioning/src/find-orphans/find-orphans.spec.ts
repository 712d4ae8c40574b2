import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewHost } from '../ports/host-register';
import { CREDENTIAL_ID, fakeTools, RunBench, transientFailure, VCENTER_ID } from '../testing';

const OTHER_VCENTER = '0f0e0d0c-0b0a-4900-8000-0000000000ff';
const idOf = (serial: number) => `0f0e0d0c-0b0a-4900-8000-${String(serial).padStart(12, '0')}`;

const search = (tools = fakeTools()) =>
  new RunBench(tools, { vcenterId: VCENTER_ID }, 'find-orphans');

/** A machine that a run made. */
const made = ({ vcenter }: ReturnType<typeof fakeTools>, name: string, run: string) =>
  vcenter.add({ name, run, instanceUuid: run });

const hostOf = (run: string, vmMoRef: string, vcenterId = VCENTER_ID): NewHost => ({
  ...{ name: `host-of-${vmMoRef}`, address: '10.1.0.9', sshPort: 22, hostKey: 'ssh-ed25519 A' },
  ...{ osFamily: 'debian', credentialId: CREDENTIAL_ID, environmentId: null, vcenterId, vmMoRef },
  groupIds: [],
  ...{ vmInstanceUuid: run, createdByRun: run },
});

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('looking for orphans', () => {
  it('names every machine that a run left behind, and why', async () => {
    const tools = fakeTools();
    const [first, second, third] = [idOf(1), idOf(2), idOf(3)];
    tools.vcenter.add({ name: 'somebody-else' });
    const undone = made(tools, 'undone', first);
    const left = made(tools, 'left', second);
    const unknown = made(tools, 'unknown', third);
    tools.owners.add(first, 'rolled_back');
    tools.owners.add(second, 'success');
    const run = search(tools);
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(run.result).toEqual({
      machines: 4,
      orphanCount: 3,
      orphans: [
        { moRef: undone.moRef, name: 'undone', runId: first, reason: 'run-undone' },
        { moRef: left.moRef, name: 'left', runId: second, reason: 'host-removed' },
        { moRef: unknown.moRef, name: 'unknown', runId: third, reason: 'unknown-run' },
      ],
      ...{ missingHostCount: 0, missingHosts: [] },
    });
    expect(run.store.lines).toEqual([
      `Orphan: undone (${undone.moRef}), made by the run ${first}: that run was rolled back, so the machine should have gone.`,
      `Orphan: left (${left.moRef}), made by the run ${second}: its host was taken out of the inventory, and the machine was left.`,
      `Orphan: unknown (${unknown.moRef}), made by the run ${third}: nobody here knows that run; it may be another installation’s, or older than our database.`,
      'Compared 4 machines: 3 orphans, 0 hosts without a machine.',
    ]);
  });

  it('names every host whose machine is gone, and none of another vCenter', async () => {
    const tools = fakeTools();
    const kept = made(tools, 'kept', idOf(1));
    await tools.hosts.register(hostOf(idOf(1), kept.moRef));
    await tools.hosts.register(hostOf(idOf(2), 'vm-gone'));
    await tools.hosts.register(hostOf(idOf(3), 'vm-elsewhere', OTHER_VCENTER));
    const run = search(tools);
    await run.advance();
    expect(run.result).toMatchObject({
      orphans: [],
      missingHosts: [{ hostId: 'host-2', name: 'host-of-vm-gone', vmMoRef: 'vm-gone' }],
    });
    expect(run.store.lines[0]).toBe(
      'Missing: the machine vm-gone of the host host-of-vm-gone (host-2) is not in vCenter.',
    );
  });

  it('changes nothing', async () => {
    const tools = fakeTools();
    made(tools, 'undone', idOf(1));
    tools.owners.add(idOf(1), 'cancelled');
    const run = search(tools);
    await run.advance();
    expect(run.result['orphanCount']).toBe(1);
    expect(new Set(tools.vcenter.calls.made)).toEqual(new Set(['listMachines']));
    expect(tools.vcenter.machines.size).toBe(1);
  });

  it('looks once where all is well', async () => {
    const tools = fakeTools();
    made(tools, 'fresh', idOf(1));
    tools.owners.add(idOf(1), 'running');
    const run = search(tools);
    await run.advance();
    expect(run.result).toMatchObject({ machines: 1, orphanCount: 0, missingHostCount: 0 });
    expect(tools.vcenter.calls.made).toEqual(['listMachines']);
  });

  it('reads vCenter before the runs, so that a machine of a new run is no orphan', async () => {
    const tools = fakeTools();
    const { owners, vcenter } = tools;
    const list = vcenter.listMachines.bind(vcenter);
    vi.spyOn(vcenter, 'listMachines').mockImplementation(async (...asked) => {
      const listed = await list(...asked);
      made(tools, 'new', idOf(1));
      owners.add(idOf(1), 'running');
      return listed;
    });
    const run = search(tools);
    await run.advance();
    expect(run.result).toMatchObject({ machines: 0, orphanCount: 0 });
  });

  it('takes neither a machine that goes meanwhile for an orphan, nor a new host’s for missing', async () => {
    const tools = fakeTools();
    const going = made(tools, 'going', idOf(1));
    tools.owners.add(idOf(1), 'rolling_back');
    const runs = tools.owners.runs.bind(tools.owners);
    vi.spyOn(tools.owners, 'runs').mockImplementation(async (ids) => {
      tools.vcenter.machines.delete(going.moRef);
      tools.owners.add(idOf(1), 'rolled_back');
      const fresh = made(tools, 'fresh', idOf(2));
      tools.owners.add(idOf(2), 'success');
      await tools.hosts.register(hostOf(idOf(2), fresh.moRef));
      return runs(ids);
    });
    const run = search(tools);
    await run.advance();
    expect(run.result).toMatchObject({ orphanCount: 0, missingHostCount: 0 });
  });

  it('lists a thousand of each at most, and counts them all', async () => {
    const tools = fakeTools();
    for (let serial = 1; serial <= 1_005; serial++) {
      made(tools, `vm-${serial}`, idOf(serial));
      await tools.hosts.register(hostOf(idOf(5_000 + serial), `gone-${serial}`));
    }
    const run = search(tools);
    await run.advance();
    expect(run.result).toMatchObject({ orphanCount: 1_005, missingHostCount: 1_005 });
    expect(run.result['orphans']).toHaveLength(1_000);
    expect(run.result['missingHosts']).toHaveLength(1_000);
    expect(run.store.lines).toHaveLength(2_001);
  });

  it('asks a vCenter that is away again', async () => {
    const run = search();
    run.tools.vcenter.calls.failNext('listMachines', transientFailure());
    await run.advance();
    expect(run.run.status).toBe('success');
    expect(run.step('compare-machines')?.attempts).toBe(2);
  });
});
