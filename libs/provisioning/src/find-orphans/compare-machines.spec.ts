import { describe, expect, it } from 'vitest';
import type { HostMachine, MakerRun } from '../ports/machine-owners';
import type { ListedMachine } from '../ports/vcenter';
import { compareMachines, inBoth, runIdsOf } from './compare-machines';

const RUN = '0f0e0d0c-0b0a-4900-8000-0000000000a1';
const STRANGE = '0f0e0d0c-0b0a-4900-8000-0000000000a2';

const machine = (change: Partial<ListedMachine> = {}): ListedMachine => ({
  ...{ moRef: 'vm-1', name: 'web-01', instanceUuid: RUN, runId: RUN },
  ...change,
});
const run = (change: Partial<MakerRun> = {}): MakerRun => ({
  ...{ runId: RUN, status: 'success', isKept: false, hasHost: false, isDecommissioned: false },
  ...change,
});
const host = (change: Partial<HostMachine> = {}): HostMachine => ({
  ...{ hostId: 'host-1', name: 'web-01', vmMoRef: 'vm-1', vmInstanceUuid: RUN, isLeaving: false },
  ...change,
});

const reasonFor = (seen: ListedMachine, runs: MakerRun[], hosts: HostMachine[] = []) =>
  compareMachines([seen], { runs, hosts }).orphans.map(({ runId, reason }) => [runId, reason]);

describe('a machine that a run made', () => {
  it.each(['pending', 'running', 'failed', 'cancelling', 'rolling_back'] as const)(
    'is the run’s while that is %s',
    (status) => {
      expect(reasonFor(machine(), [run({ status })])).toEqual([]);
    },
  );

  it.each([
    ['rolled_back', 'run-undone'],
    ['cancelled', 'run-undone'],
    ['success', 'host-removed'],
  ] as const)('is an orphan once that is %s and nobody else has it', (status, reason) => {
    expect(reasonFor(machine(), [run({ status })])).toEqual([[RUN, reason]]);
  });

  it('is an orphan that was to stay, or came back, once its host was decommissioned', () => {
    expect(reasonFor(machine(), [run({ isDecommissioned: true })])).toEqual([
      [RUN, 'decommissioned'],
    ]);
    expect(reasonFor(machine(), [run({ isDecommissioned: true, hasHost: true })])).toEqual([]);
  });

  it('is whoever’s that cancelled the run and kept its machine', () => {
    expect(reasonFor(machine(), [run({ status: 'cancelled', isKept: true })])).toEqual([]);
  });

  it('is its host’s, also when nobody knows the run any more', () => {
    expect(reasonFor(machine(), [run({ hasHost: true })])).toEqual([]);
    expect(reasonFor(machine(), [run({ hasHost: true, status: null })])).toEqual([]);
  });

  it.each([
    ['MoRef', host({ vmInstanceUuid: STRANGE })],
    ['instance UUID', host({ vmMoRef: 'vm-9' })],
  ])('is the host’s that has its %s', (_, itsHost) => {
    expect(reasonFor(machine(), [run()], [itsHost])).toEqual([]);
  });

  it('is an orphan when nobody knows the run that it names', () => {
    expect(reasonFor(machine(), [])).toEqual([[RUN, 'unknown-run']]);
  });

  it('is told by its instance UUID alone when its annotation was removed', () => {
    expect(reasonFor(machine({ runId: null }), [run()])).toEqual([[RUN, 'host-removed']]);
  });

  it('is told by its annotation alone when it has another instance UUID', () => {
    const changed = machine({ instanceUuid: STRANGE });
    expect(reasonFor(changed, [run()])).toEqual([[RUN, 'host-removed']]);
  });

  it('is the run’s whose id it has, whatever its annotation says', () => {
    const renamed = machine({ runId: STRANGE });
    expect(reasonFor(renamed, [run({ status: 'running' })])).toEqual([]);
  });
});

describe('any other machine', () => {
  it('is nobody’s business', () => {
    expect(reasonFor(machine({ instanceUuid: STRANGE, runId: null }), [])).toEqual([]);
  });

  it('is nobody’s business while vCenter still makes it', () => {
    expect(reasonFor(machine({ instanceUuid: null, runId: null }), [])).toEqual([]);
  });
});

describe('a host', () => {
  const missing = (machines: ListedMachine[]) =>
    compareMachines(machines, { runs: [], hosts: [host()] }).missingHosts;

  it('misses a machine that has neither its MoRef nor its instance UUID', () => {
    const other = machine({ moRef: 'vm-2', instanceUuid: STRANGE });
    const missed = [{ hostId: 'host-1', name: 'web-01', vmMoRef: 'vm-1' }];
    expect(missing([])).toEqual(missed);
    expect(missing([other])).toEqual(missed);
  });

  it('does not miss one that a run removes together with the host', () => {
    const known = { runs: [], hosts: [host({ isLeaving: true })] };
    expect(compareMachines([], known).missingHosts).toEqual([]);
  });

  it('does not miss one that was registered anew, or whose configuration cannot be read', () => {
    expect(missing([machine({ moRef: 'vm-2' })])).toEqual([]);
    expect(missing([machine({ instanceUuid: null, runId: null })])).toEqual([]);
  });
});

describe('what is known of machines', () => {
  it('names each id once that may be a run’s', () => {
    const nameless = machine({ instanceUuid: STRANGE, runId: null });
    const unready = machine({ instanceUuid: null, runId: null });
    expect(runIdsOf([machine(), nameless, unready])).toEqual([RUN, STRANGE]);
  });

  it('counts only where it was so both times', () => {
    const all = { runs: [run()], hosts: [host({ vmMoRef: 'vm-8', vmInstanceUuid: STRANGE })] };
    const first = compareMachines([machine(), machine({ moRef: 'vm-2' })], all);
    expect(first).toMatchObject({ orphans: [{}, {}], missingHosts: [{}] });
    const second = compareMachines([machine(), machine({ moRef: 'vm-8' })], all);
    expect(inBoth(first, second)).toEqual({ orphans: [first.orphans[0]], missingHosts: [] });
  });
});
