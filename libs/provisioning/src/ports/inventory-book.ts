import type { SyncProblem } from '@diaken/contracts';
import type { InventoryReading } from './vcenter';

/** How many objects of an inventory a reading has changed. */
export interface InventoryDifference {
  /** New ones included. */
  readonly changed: number;
  readonly gone: number;
}

/** What we last read of each vCenter. */
export abstract class InventoryBook {
  /** The present revision of what is kept. Asked before a reading begins, and given to `replace` afterwards. */
  abstract revision(vcenterId: string): Promise<number>;

  /**
   * Makes what is kept of the vCenter what a whole reading found; writes only what differs. What has changed
   * after the revision `since` is newer than the reading, and stays.
   * Throws `vcenter-replaced` when what was kept is another vCenter's.
   */
  abstract replace(
    vcenterId: string,
    reading: InventoryReading,
    since: number,
  ): Promise<InventoryDifference>;

  /** Notes why the vCenter could not be read. What is kept stays. */
  abstract noteProblem(vcenterId: string, problem: SyncProblem): Promise<void>;
}
