import type { FieldProblem, InventoryKind, ObjectRef } from '@diaken/contracts';
import type { InventoryObjectEntity } from '@diaken/persistence';

/** What a request calls an object, and where in the request it does. */
export interface Wanted {
  readonly kind: InventoryKind;
  /** Name or MoRef. */
  readonly called: string;
  /** Field of the request. */
  readonly path: string;
  /** MoRef of the datacenter that it must be in; undefined: any. */
  readonly datacenter?: string | undefined;
}

/** Finds the objects that a request names in what was last read of a vCenter. */
export class InventoryLookup {
  readonly problems: FieldProblem[] = [];
  isAmbiguous = false;

  constructor(private readonly objects: readonly InventoryObjectEntity[]) {}

  /** Exactly one object, or undefined and a problem that says why. */
  find(wanted: Wanted): InventoryObjectEntity | undefined {
    const found = this.candidates(wanted);
    if (found.length === 1) {
      return found[0];
    }
    this.isAmbiguous ||= found.length > 1;
    const message = found.length > 1 ? ambiguous(wanted, found) : unknown(wanted);
    this.problems.push({ path: wanted.path, message });
    return undefined;
  }

  /** The object that stands for all of something: the root pool of a cluster, the root folder of a datacenter. */
  root(
    kind: 'resource-pool' | 'folder',
    of: string,
    path: string,
  ): InventoryObjectEntity | undefined {
    const isOf = (object: InventoryObjectEntity) =>
      kind === 'folder' ? object.datacenter === of : object.details['owner'] === of;
    const found = this.objects.find(
      (object) => object.kind === kind && object.details['root'] === true && isOf(object),
    );
    if (!found) {
      this.problems.push({ path, message: `has no root ${kind} in the inventory; name one` });
    }
    return found;
  }

  private candidates({ kind, called, datacenter }: Wanted): readonly InventoryObjectEntity[] {
    const ofKind = this.objects.filter((object) => object.kind === kind);
    const byRef = ofKind.filter(({ moRef }) => moRef === called);
    if (byRef.length > 0) {
      return byRef;
    }
    const byName = ofKind.filter(({ name }) => name === called);
    const near = byName.filter((object) => object.datacenter === datacenter);
    // A template may be cloned from another datacenter; everything else must be where the cluster is.
    const isBound = datacenter !== undefined && kind !== 'template';
    return isBound || near.length === 1 ? near : byName;
  }
}

/** What a run stores of an object. */
export function toRef({ moRef, name }: InventoryObjectEntity): ObjectRef {
  return { moRef, name };
}

function unknown({ kind, called, datacenter }: Wanted): string {
  const where = datacenter === undefined ? '' : ' in the datacenter of the cluster';
  return `no ${wordFor(kind)} called "${called}"${where}; GET /vcenters/{id}/inventory?kind=${kind} lists them, POST /vcenters/{id}/sync reads them anew`;
}

function ambiguous({ kind, called }: Wanted, found: readonly InventoryObjectEntity[]): string {
  const which = found.slice(0, 5).map(({ moRef, path }) => `${moRef} (${path})`);
  return `more than one ${wordFor(kind)} is called "${called}"; give the MoRef of one: ${which.join(', ')}`;
}

function wordFor(kind: InventoryKind): string {
  return kind.replace('-', ' ');
}
