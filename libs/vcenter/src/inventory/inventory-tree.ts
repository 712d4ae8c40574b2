import type { ObjectProperties } from '../properties/retrieve';
import { type MoRef, moRefOf, textOf } from '../soap/vim-value';

/** The objects of a vCenter, each under the one that holds it. */
export class InventoryTree {
  private readonly byRef = new Map<string, ObjectProperties>();

  constructor(objects: Iterable<ObjectProperties> = []) {
    for (const each of objects) this.put(each);
  }

  /** One of them, as it is now. */
  get(ref: MoRef): ObjectProperties | undefined {
    return this.byRef.get(keyOf(ref));
  }

  /** Adds an object, or takes it for what it is now. */
  put(each: ObjectProperties): void {
    this.byRef.set(keyOf(each.object), each);
  }

  remove(ref: MoRef): void {
    this.byRef.delete(keyOf(ref));
  }

  /** All of them. */
  get objects(): Iterable<ObjectProperties> {
    return this.byRef.values();
  }

  /** What holds an object. A machine of a vApp is in no folder. */
  parentOf({ properties }: ObjectProperties): MoRef | undefined {
    return moRefOf(properties['parent']) ?? moRefOf(properties['parentVApp']);
  }

  /** Folders and name from the root, such as `/DC0/vm/linux/debian-12`. */
  pathOf(object: ObjectProperties): string {
    // The root folder itself is not named, as in the vSphere client.
    const named = this.lineOf(object).filter((each) => this.parentOf(each) !== undefined);
    return `/${named.map(({ properties }) => textOf(properties['name'])).join('/')}`;
  }

  /** The datacenter that an object is in, or is. */
  datacenterOf(object: ObjectProperties): ObjectProperties | undefined {
    return this.lineOf(object).findLast(({ object: { type } }) => type === 'Datacenter');
  }

  /** An object and all that hold it, the root first. */
  lineOf(object: ObjectProperties): readonly ObjectProperties[] {
    const line = [object];
    for (let at = this.holderOf(object); at && !line.includes(at); at = this.holderOf(at)) {
      line.unshift(at);
    }
    return line;
  }

  private holderOf(object: ObjectProperties): ObjectProperties | undefined {
    const parent = this.parentOf(object);
    return parent && this.get(parent);
  }
}

function keyOf({ type, value }: MoRef): string {
  return `${type} ${value}`;
}
