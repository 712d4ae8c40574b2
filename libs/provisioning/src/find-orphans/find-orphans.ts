import { defineStep, pipeline, type StepContext } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import {
  compareMachines,
  type Disagreement,
  inBoth,
  type MissingHost,
  type Orphan,
  type OrphanReason,
  runIdsOf,
} from './compare-machines';

/** What a `find-orphans` run is asked for. */
export interface OrphanRequest {
  readonly vcenterId: string;
}

/** What it gives. The lists hold the first of each; the counts are of all. */
export interface OrphanReport {
  /** Machines that were compared. */
  readonly machines: number;
  readonly orphanCount: number;
  readonly orphans: readonly Orphan[];
  readonly missingHostCount: number;
  readonly missingHosts: readonly MissingHost[];
}

/** The most of each kind that a report lists. */
const MOST_LISTED = 1_000;

/** Compares what a vCenter has with what runs and hosts say of it. Destroys nothing. */
const compare = ({ vcenter, owners }: ProvisioningTools) =>
  defineStep<OrphanRequest, OrphanReport>({
    name: 'compare-machines',
    title: 'Compare machines with runs and hosts',
    timeoutMs: 10 * 60_000,
    retry: { attempts: 4, delayMs: 2_000, backoff: 2 },
    run: async ({ vcenterId }, at) => {
      // vCenter first: whatever is begun after this has no machine here that could look like an orphan.
      const machines = await vcenter.listMachines(vcenterId, at.signal);
      const runs = await owners.runs(runIdsOf(machines));
      const known = { runs, hosts: await owners.hosts(vcenterId) };
      let found = compareMachines(machines, known);
      if (found.orphans.length + found.missingHosts.length > 0) {
        // Meanwhile machines were made and destroyed: what is so before and after, is so.
        const now = await vcenter.listMachines(vcenterId, at.signal);
        found = inBoth(found, compareMachines(now, known));
      }
      tell(found, machines.length, at);
      return reportOf(found, machines.length);
    },
  });

/** Finds machines that runs have left behind, and hosts whose machine is gone. */
export const findOrphans = (tools: ProvisioningTools) =>
  pipeline<OrphanRequest>('find-orphans').step(compare(tools)).build();

function reportOf({ orphans, missingHosts }: Disagreement, machines: number): OrphanReport {
  return {
    machines,
    orphanCount: orphans.length,
    orphans: orphans.slice(0, MOST_LISTED),
    missingHostCount: missingHosts.length,
    missingHosts: missingHosts.slice(0, MOST_LISTED),
  };
}

const WHY: Record<OrphanReason, string> = {
  'unknown-run':
    'nobody here knows that run; it may be another installation’s, or older than our database',
  'run-undone': 'that run was rolled back, so the machine should have gone',
  decommissioned:
    'its host was decommissioned; the machine was kept, or was brought back from a backup',
  'host-removed': 'its host was taken out of the inventory, and the machine was left',
};

function tell(
  { orphans, missingHosts }: Disagreement,
  machines: number,
  at: Pick<StepContext<object>, 'log'>,
): void {
  for (const { name, moRef, runId, reason } of orphans.slice(0, MOST_LISTED)) {
    at.log(`Orphan: ${name} (${moRef}), made by the run ${runId}: ${WHY[reason]}.`);
  }
  for (const { name, hostId, vmMoRef } of missingHosts.slice(0, MOST_LISTED)) {
    at.log(`Missing: the machine ${vmMoRef} of the host ${name} (${hostId}) is not in vCenter.`);
  }
  at.log(
    `Compared ${machines} machines: ${orphans.length} orphans, ${missingHosts.length} hosts without a machine.`,
  );
}
