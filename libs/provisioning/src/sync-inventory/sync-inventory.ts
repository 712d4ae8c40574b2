import { defineStep, pipeline } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';

/** What a `sync-inventory` run is asked for. */
export interface SyncRequest {
  readonly vcenterId: string;
}

/** Reads all that a vCenter offers to deployments, and keeps it. */
const readInventory = ({ vcenter, inventory }: ProvisioningTools) =>
  defineStep<SyncRequest, { readonly objects: number }>({
    name: 'read-inventory',
    title: 'Read the inventory',
    timeoutMs: 10 * 60_000,
    retry: { attempts: 4, delayMs: 2_000, backoff: 2 },
    run: async ({ vcenterId }, at) => {
      const objects = await vcenter.readInventory(vcenterId, at.signal);
      await inventory.replace(vcenterId, objects);
      const templates = objects.filter(({ kind }) => kind === 'template').length;
      at.log(`Read ${objects.length} objects, ${templates} templates among them.`);
      return { objects: objects.length };
    },
  });

/** Refreshes what we know of a vCenter. */
export const syncInventory = (tools: ProvisioningTools) =>
  pipeline<SyncRequest>('sync-inventory').step(readInventory(tools)).build();
