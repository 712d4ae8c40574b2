import type { InventoryObject, ObjectRef, Placement } from '@diaken/contracts';

/** An inventory that has what a placement needs, and nothing else. */
export function inventoryOf(placement: Placement): InventoryObject[] {
  const kinds = {
    ...{ template: 'template', datacenter: 'datacenter', cluster: 'cluster' },
    ...{ resourcePool: 'resource-pool', datastore: 'datastore', folder: 'folder' },
    ...{ portGroup: 'network', stagingPortGroup: 'network' },
  } as const satisfies Record<keyof Placement, InventoryObject['kind']>;
  return Object.entries(placement).map(([what, ref]: [string, ObjectRef]) => ({
    kind: kinds[what as keyof Placement],
    ...{ ...ref, path: `/${ref.name}`, datacenter: null, parent: null, details: {} },
  }));
}
