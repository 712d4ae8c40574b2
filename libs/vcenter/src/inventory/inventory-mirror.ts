import type { InventoryKey, InventoryNews } from '@diaken/provisioning';
import type { ObjectProperties, Properties } from '../properties/retrieve';
import {
  type MoRef,
  moRefOf,
  objectsOf,
  textOf,
  type VimObject,
  type VimValue,
} from '../soap/vim-value';
import { InventoryObjects } from './inventory-objects';
import { InventoryTree } from './inventory-tree';
import { kept, keptProperties } from './kept-properties';

/** Objects that hold no others: what changes of them changes nothing else. */
const LEAVES = new Set(['VirtualMachine', 'HostSystem', 'Datastore']);
/** What the paths and the networks of others are made of. */
const SHARED = new Set(['name', 'parent', 'parentVApp', 'vmFolder', 'key']);

/** What a vCenter has, as far as it has told us so far. */
export class InventoryMirror {
  private readonly tree = new InventoryTree();
  private changed = new Map<MoRef, ObjectProperties>();
  private gone: InventoryKey[] = [];
  private isAllNew = true;

  constructor(private readonly instanceUuid: string) {}

  /** Takes an `UpdateSet`. */
  take(updates: VimObject): void {
    for (const filter of objectsOf(updates['filterSet'])) {
      for (const update of objectsOf(filter['objectSet'])) this.takeOne(update);
    }
  }

  /** What is new since this was asked before. */
  news(): InventoryNews {
    const objects = new InventoryObjects(this.tree);
    const { changed, gone, isAllNew } = this;
    this.changed = new Map();
    this.gone = [];
    this.isAllNew = false;
    if (isAllNew) {
      return { what: 'all', reading: { instanceUuid: this.instanceUuid, objects: objects.all() } };
    }
    const kept = [...changed.values()].flatMap((each) => objects.one(each) ?? []);
    return { what: 'changes', changed: kept, gone };
  }

  private takeOne(update: VimObject): void {
    const ref = moRefOf(update['obj']);
    if (!ref) return;
    const before = this.tree.get(ref);
    if (update['kind'] === 'leave') this.leave(ref);
    else if (before) this.change(before, changesIn(update));
    else this.put(kept({ object: ref, properties: changesIn(update), refused: new Map() }));
  }

  private leave(ref: MoRef): void {
    const before = this.tree.get(ref);
    this.tree.remove(ref);
    if (before) this.changed.delete(before.object);
    this.gone.push({ moType: ref.type, moRef: ref.value });
  }

  private change(before: ObjectProperties, properties: Properties): void {
    this.isAllNew ||=
      !LEAVES.has(before.object.type) && Object.keys(properties).some((path) => SHARED.has(path));
    this.put({ ...before, properties: { ...before.properties, ...keptProperties(properties) } });
  }

  private put(each: ObjectProperties): void {
    this.tree.put(each);
    this.changed.set(each.object, each);
  }
}

/** Without a value: the property is not set any more. */
function changesIn(update: VimObject): Properties {
  const changes: Record<string, VimValue | undefined> = {};
  for (const change of objectsOf(update['changeSet'])) {
    changes[textOf(change['name'])] = change['val'];
  }
  return changes;
}
