import type { InventoryObject } from '@diaken/contracts';
import { InventoryBook } from '../ports/inventory-book';
import { Calls } from './calls';

/** What was read of vCenters, in memory. */
export class FakeInventoryBook extends InventoryBook {
  readonly calls = new Calls<keyof InventoryBook>();
  private readonly kept = new Map<string, readonly InventoryObject[]>();

  of(vcenterId: string): readonly InventoryObject[] {
    return this.kept.get(vcenterId) ?? [];
  }

  override replace(vcenterId: string, objects: readonly InventoryObject[]): Promise<void> {
    return this.calls.answer('replace', () => void this.kept.set(vcenterId, [...objects]));
  }
}
