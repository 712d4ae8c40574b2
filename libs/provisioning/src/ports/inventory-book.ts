import type { InventoryObject } from '@diaken/contracts';

/** What we last read of each vCenter. */
export abstract class InventoryBook {
  /** Replaces all that is kept of the vCenter. */
  abstract replace(vcenterId: string, objects: readonly InventoryObject[]): Promise<void>;
}
