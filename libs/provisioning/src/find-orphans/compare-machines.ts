import type { RunStatus } from '@diaken/contracts';
import type { HostMachine, MakerRun } from '../ports/machine-owners';
import type { ListedMachine } from '../ports/vcenter';

/**
 * Why a machine that a run made is nobody's. `unknown-run`: we have no such run; `run-undone`: it was rolled
 * back, so that the machine should have gone; `host-removed`: its host was taken out of the inventory;
 * `decommissioned`: its host was decommissioned, and the machine kept, or brought back from a backup.
 */
export type OrphanReason = 'unknown-run' | 'run-undone' | 'host-removed' | 'decommissioned';

/** A machine that a run made, and that belongs to nobody. */
export interface Orphan {
  readonly moRef: string;
  readonly name: string;
  readonly runId: string;
  readonly reason: OrphanReason;
}

/** A host whose machine is not in its vCenter any more. */
export interface MissingHost {
  readonly hostId: string;
  readonly name: string;
  readonly vmMoRef: string;
}

/** Where machines, runs and hosts disagree. */
export interface Disagreement {
  readonly orphans: readonly Orphan[];
  readonly missingHosts: readonly MissingHost[];
}

/** What is known of the owners of machines. */
export interface Owners {
  readonly runs: readonly MakerRun[];
  readonly hosts: readonly HostMachine[];
}

/** Compares the machines of a vCenter with the runs that made them, and with the hosts there. */
export function compareMachines(
  machines: readonly ListedMachine[],
  { runs, hosts }: Owners,
): Disagreement {
  const runsById = new Map(runs.map((run) => [run.runId, run]));
  const ofHosts = new Set(
    hosts.flatMap(({ vmMoRef, vmInstanceUuid }) => [vmMoRef, vmInstanceUuid]),
  );
  const there = new Set(machines.flatMap(({ moRef, instanceUuid }) => [moRef, instanceUuid]));
  return {
    orphans: machines
      .filter(({ moRef, instanceUuid }) => !ofHosts.has(moRef) && !ofHosts.has(instanceUuid ?? ''))
      .flatMap((machine) => orphanOf(machine, runsById)),
    missingHosts: hosts
      .filter(({ isLeaving }) => !isLeaving)
      .filter(({ vmMoRef, vmInstanceUuid }) => !there.has(vmMoRef) && !there.has(vmInstanceUuid))
      .map(({ hostId, name, vmMoRef }) => ({ hostId, name, vmMoRef })),
  };
}

/** What both say. */
export function inBoth(one: Disagreement, other: Disagreement): Disagreement {
  const orphans = new Set(other.orphans.map(({ moRef }) => moRef));
  const missing = new Set(other.missingHosts.map(({ hostId }) => hostId));
  return {
    orphans: one.orphans.filter(({ moRef }) => orphans.has(moRef)),
    missingHosts: one.missingHosts.filter(({ hostId }) => missing.has(hostId)),
  };
}

/** The ids that may be those of the runs which made these machines. */
export function runIdsOf(machines: readonly ListedMachine[]): readonly string[] {
  const ids = machines.flatMap(({ instanceUuid, runId }) => [instanceUuid, runId]);
  return [...new Set(ids.filter((id) => id !== null))];
}

function orphanOf(
  { moRef, name, instanceUuid, runId: named }: ListedMachine,
  runs: ReadonlyMap<string, MakerRun>,
): readonly Orphan[] {
  // Every machine has an instance UUID; one that no run has is somebody else's machine.
  const runId = instanceUuid !== null && runs.has(instanceUuid) ? instanceUuid : named;
  if (runId === null) {
    return [];
  }
  const reason = reasonFor(runs.get(runId));
  return reason ? [{ moRef, name, runId, reason }] : [];
}

/** Why a machine that nothing else holds is an orphan once its run is in this status; null: it is the run's. */
const LEFT_BY: Record<RunStatus, OrphanReason | null> = {
  pending: null,
  running: null,
  failed: null,
  cancelling: null,
  rolling_back: null,
  success: 'host-removed',
  rolled_back: 'run-undone',
  cancelled: 'run-undone',
};

function reasonFor(run: MakerRun | undefined): OrphanReason | null {
  if (run?.hasHost || (run?.status === 'cancelled' && run.isKept)) {
    return null;
  }
  if (run?.isDecommissioned) {
    return 'decommissioned';
  }
  return run?.status ? LEFT_BY[run.status] : 'unknown-run';
}
