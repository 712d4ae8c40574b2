import type { RunKind } from '@diaken/contracts';
import { editableFields, type Pipeline, planOf, type StepPlan } from '@diaken/pipeline';
import { adoptVm } from './adopt-vm/adopt-vm';
import { checkHost } from './check-host/check-host';
import { decommission } from './decommission/decommission';
import { checkLibraryItem } from './check-library-item/check-library-item';
import { deployVm } from './deploy-vm/deploy-vm';
import { findOrphans } from './find-orphans/find-orphans';
import { preflightOnly } from './preflight/preflight';
import { power } from './power/power';
import { readHostKey } from './read-host-key/read-host-key';
import { syncInventory } from './sync-inventory/sync-inventory';
import { syncProject } from './sync-project/sync-project';
import { testVCenter } from './test-vcenter/test-vcenter';
import { NO_TOOLS, type ProvisioningTools } from './tools';

/** Every pipeline, plugged into its tools. */
export function pipelinesOf(tools: ProvisioningTools): ReadonlyMap<RunKind, Pipeline> {
  const all = [
    ...[deployVm(tools), syncInventory(tools), findOrphans(tools), testVCenter(tools)],
    ...[preflightOnly(tools), checkHost(tools), adoptVm(tools), power(tools), decommission(tools)],
    ...[checkLibraryItem(tools), syncProject(tools), readHostKey(tools)],
  ];
  return new Map(all.map((built) => [built.kind, built]));
}

const WITHOUT_TOOLS = pipelinesOf(NO_TOOLS);

/** The steps that a new run of this kind will take. */
export function planFor(kind: RunKind): readonly StepPlan[] {
  const built = WITHOUT_TOOLS.get(kind);
  if (!built) {
    throw new Error(`No pipeline of kind ${kind}`);
  }
  return planOf(built);
}

/** Whether such a run makes anything that could be rolled back. */
export function hasUndo(kind: RunKind): boolean {
  return WITHOUT_TOOLS.get(kind)?.steps.some(({ undo }) => undo !== undefined) ?? false;
}

/** Fields of the request of such a run that a resume may still change. */
export function editableFor(kind: RunKind, isStepDone: (name: string) => boolean): string[] {
  const built = WITHOUT_TOOLS.get(kind);
  return built ? editableFields(built, isStepDone) : [];
}
