import type { InventoryObject, SyncProblem } from '@diaken/contracts';
import { defineStep, pipeline, StepFailure } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';

/** What a `sync-inventory` run is asked for. */
export interface SyncRequest {
  readonly vcenterId: string;
}

/** What a `sync-inventory` run found. */
interface SyncReport {
  readonly objects: number;
  readonly templates: number;
  readonly machines: number;
  /** Objects that are new or other than before. */
  readonly changed: number;
  readonly gone: number;
}

/** Reads all that a vCenter has, and keeps it. */
const readInventory = ({ vcenter, inventory }: ProvisioningTools) =>
  defineStep<SyncRequest, SyncReport>({
    name: 'read-inventory',
    title: 'Read the inventory',
    timeoutMs: 10 * 60_000,
    retry: { attempts: 4, delayMs: 2_000, backoff: 2 },
    run: async ({ vcenterId }, at) => {
      const since = await inventory.revision(vcenterId);
      const reading = await vcenter
        .readInventory(vcenterId, at.signal)
        .catch(async (error: unknown) => {
          // Kept beside the run, because users look at the vCenter first.
          if (error instanceof StepFailure)
            await inventory.noteProblem(vcenterId, problemOf(error));
          throw error;
        });
      const difference = await inventory.replace(vcenterId, reading, since);
      const report = { ...countsOf(reading.objects), ...difference };
      at.log(
        `Read ${report.objects} objects, ${report.templates} templates and ${report.machines} machines ` +
          `among them: ${report.changed} new or changed, ${report.gone} gone.`,
      );
      return report;
    },
  });

/** What of a failure users are told at the vCenter. */
function problemOf({ code, message, remedy }: StepFailure): SyncProblem {
  return { code, message, remedy };
}

function countsOf(objects: readonly InventoryObject[]) {
  const count = (kind: InventoryObject['kind']) =>
    objects.filter((object) => object.kind === kind).length;
  return { objects: objects.length, templates: count('template'), machines: count('vm') };
}

/** Refreshes what we know of a vCenter. */
export const syncInventory = (tools: ProvisioningTools) =>
  pipeline<SyncRequest>('sync-inventory').step(readInventory(tools)).build();
