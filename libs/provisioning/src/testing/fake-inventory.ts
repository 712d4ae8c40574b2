import type { InventoryObject, ObjectRef, Placement } from '@diaken/contracts';
import type { PlacementProblems } from '../ports/vcenter';
import type { ProvisioningFailure } from '../problems/provisioning-failure';
import { finalFailure } from './failures';

/** An inventory that has what a placement needs, and nothing else. */
export function inventoryOf(placement: Placement): InventoryObject[] {
  const kinds = {
    ...{ template: 'template', datacenter: 'datacenter', cluster: 'cluster' },
    ...{ resourcePool: 'resource-pool', datastore: 'datastore', folder: 'folder' },
    ...{ portGroup: 'network', stagingPortGroup: 'network' },
  } as const satisfies Record<keyof Placement, InventoryObject['kind']>;
  return Object.entries(placement).map(([what, ref]: [string, ObjectRef]) => ({
    kind: kinds[what as keyof Placement],
    moType: 'Any',
    ...{ ...ref, path: `/${ref.name}`, datacenter: null, parent: null, details: {} },
  }));
}

/** Why parts of a placement cannot be used: the inventory does not have them. */
export function missingIn(
  inventory: readonly InventoryObject[],
  placement: Placement,
): PlacementProblems {
  const refs = Object.entries(placement) as [keyof Placement, ObjectRef | null][];
  const missing = refs.flatMap(([part, ref]) =>
    ref === null || inventory.some(({ moRef }) => moRef === ref.moRef)
      ? []
      : [[part, failureOf(part, ref)]],
  );
  return Object.fromEntries(missing);
}

/** Throws unless all of the placement is there. */
export function requireAll(inventory: readonly InventoryObject[], placement: Placement): void {
  const [problem] = Object.values(missingIn(inventory, placement));
  if (problem) {
    throw problem;
  }
}

function failureOf(part: keyof Placement, { name }: ObjectRef): ProvisioningFailure {
  return part === 'template'
    ? finalFailure('template-missing', `The template ${name} is gone.`)
    : finalFailure('placement-missing', `${name} is gone.`);
}
