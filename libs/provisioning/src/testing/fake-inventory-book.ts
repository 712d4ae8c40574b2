import type { InventoryObject, SyncProblem } from '@diaken/contracts';
import { InventoryBook, type InventoryDifference } from '../ports/inventory-book';
import type { InventoryReading } from '../ports/vcenter';
import { Calls } from './calls';

/** What was read of vCenters, in memory. */
export class FakeInventoryBook extends InventoryBook {
  readonly calls = new Calls<keyof InventoryBook>();
  readonly problems = new Map<string, SyncProblem>();
  private readonly kept = new Map<string, readonly InventoryObject[]>();

  of(vcenterId: string): readonly InventoryObject[] {
    return this.kept.get(vcenterId) ?? [];
  }

  override revision(): Promise<number> {
    return this.calls.answer('revision', () => 0);
  }

  override replace(vcenterId: string, { objects }: InventoryReading): Promise<InventoryDifference> {
    return this.calls.answer('replace', () => {
      const refs = new Set(objects.map(({ moRef }) => moRef));
      const gone = this.of(vcenterId).filter(({ moRef }) => !refs.has(moRef)).length;
      const before = new Set(this.of(vcenterId).map(({ moRef }) => moRef));
      const changed = objects.filter(({ moRef }) => !before.has(moRef)).length;
      this.kept.set(vcenterId, [...objects]);
      this.problems.delete(vcenterId);
      return { changed, gone };
    });
  }

  override noteProblem(vcenterId: string, problem: SyncProblem): Promise<void> {
    return this.calls.answer('noteProblem', () => void this.problems.set(vcenterId, problem));
  }
}
