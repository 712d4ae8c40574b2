import { extrasOf, type Placement } from '@diaken/contracts';
import type { PlacementReport } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import { failed, type Finding, notChecked, ok } from './finding';
import type { Subject } from './subject';

const GIB = 1024 ** 3;

/** What vCenter could tell; `because`: why it told nothing. */
export type Told = { readonly report: PlacementReport } | { readonly because: string };

/** Whether the placement can be used: template, cluster and pool, space, port groups. */
export function placementFindings(subject: Subject, told: Told): readonly Finding[] {
  const { placement } = subject;
  if (!('report' in told) || !placement) {
    const because = 'because' in told ? told.because : NOT_RESOLVED;
    const checks = ['template', 'placement', 'datastore', 'network'] as const;
    return checks.map((check) => notChecked(check, because));
  }
  const { report } = told;
  return [
    templateFinding(placement, report),
    problemIn(['datacenter', 'cluster', 'resourcePool', 'folder'], report, 'placement') ??
      ok(
        'placement',
        `The cluster ${placement.cluster.name} has the pool ${placement.resourcePool.name}.`,
      ),
    datastoreFinding(subject, placement, report),
    problemIn(['resourcePool', 'cluster'], report, 'network')
      ? notChecked('network', 'The cluster that must have the port groups cannot be used.')
      : (problemIn(['portGroup', 'stagingPortGroup'], report, 'network') ??
        ok('network', `The cluster has the port group ${placement.portGroup.name}.`)),
  ];
}

/** Why what depends on the names of a request is not looked at. */
export const NOT_RESOLVED = 'The names in the request have not been found: see references.';

function templateFinding({ template }: Placement, report: PlacementReport): Finding {
  return (
    problemIn(['template'], report, 'template') ??
    ok('template', `Template ${template.name}, ${inGib(report.templateBytes ?? 0)} GiB.`)
  );
}

function datastoreFinding(
  subject: Subject,
  { datastore }: Placement,
  report: PlacementReport,
): Finding {
  const { templateBytes, datastoreFreeBytes } = report;
  const problem = problemIn(['datastore'], report, 'datastore');
  if (problem || datastoreFreeBytes === null) {
    return problem ?? notChecked('datastore', 'vCenter did not tell how much space is free.');
  }
  const { diskGb = 0 } = subject;
  const thickGb = extrasOf(subject)
    .disks.filter(({ datastore: elsewhere, thin }) => !thin && elsewhere === null)
    .reduce((sum, { sizeGb }) => sum + sizeGb, 0);
  const needed = Math.max(templateBytes ?? 0, diskGb * GIB) + thickGb * GIB;
  return needed > datastoreFreeBytes
    ? failed('datastore', tooSmall(datastore.name, needed, datastoreFreeBytes))
    : ok('datastore', `Datastore ${datastore.name} has ${inGib(datastoreFreeBytes)} GiB free.`);
}

function problemIn(
  parts: readonly (keyof Placement)[],
  { problems }: PlacementReport,
  check: Finding['check'],
): Finding | undefined {
  const failure = parts.map((part) => problems[part]).find((problem) => problem !== undefined);
  return failure && failed(check, failure);
}

function tooSmall(datastore: string, needed: number, free: number): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'not-enough-space',
    cause: `The machine needs ${inGib(needed)} GiB, and ${datastore} has ${inGib(free)} GiB free.`,
    remedy: 'Free space there, or ask for the machine on another datastore.',
  });
}

function inGib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
