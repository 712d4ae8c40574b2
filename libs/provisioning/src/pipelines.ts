import type { RunKind } from '@diaken/contracts';
import { type Pipeline, planOf, type StepPlan } from '@diaken/pipeline';
import { deployVm } from './deploy-vm/deploy-vm';
import { syncInventory } from './sync-inventory/sync-inventory';
import { NO_TOOLS, type ProvisioningTools } from './tools';

/** Every pipeline, plugged into its tools. */
export function pipelinesOf(tools: ProvisioningTools): ReadonlyMap<RunKind, Pipeline> {
  return new Map([deployVm(tools), syncInventory(tools)].map((built) => [built.kind, built]));
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
