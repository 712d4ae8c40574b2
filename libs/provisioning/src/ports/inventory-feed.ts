import type { InventoryObject } from '@diaken/contracts';
import type { InventoryReading } from './vcenter';

/** Tells the objects of one vCenter apart. */
export type InventoryKey = Pick<InventoryObject, 'moType' | 'moRef'>;

/**
 * What a vCenter tells whoever listens to it: all that it has, or what has changed. `changes` without any: it
 * has been asked, and there is nothing new.
 */
export type InventoryNews =
  | { readonly what: 'all'; readonly reading: InventoryReading }
  | {
      readonly what: 'changes';
      readonly changed: readonly InventoryObject[];
      readonly gone: readonly InventoryKey[];
    };

/** Hears of what changes in vCenters. */
export abstract class InventoryFeed {
  /**
   * Listens to a vCenter until the signal says so: tells all at first, then what changes, and every half minute
   * at least that nothing has. Throws `ProvisioningFailure`, or the reason of the signal.
   */
  abstract listen(vcenterId: string, signal: AbortSignal): AsyncIterable<InventoryNews>;
}
