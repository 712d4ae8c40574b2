import type { ObjectRef, Placement } from '@diaken/contracts';
import { ProvisioningFailure } from '@diaken/provisioning';
import { faultOf } from '../problems/fault-failure';
import { moRefOf } from '../soap/vim-value';

/** The parts of a placement, as messages call them. */
const PARTS = {
  datacenter: 'datacenter',
  cluster: 'cluster',
  resourcePool: 'resource pool',
  datastore: 'datastore',
  folder: 'folder',
  portGroup: 'port group',
  stagingPortGroup: 'staging port group',
} as const satisfies Partial<Record<keyof Placement, string>>;

/** A part of a placement besides the template. */
export type PlacementPart = keyof typeof PARTS;

/** vCenter has no such template. */
export function templateMissing(template: ObjectRef, cause?: unknown): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'template-missing',
      cause: `vCenter has no template ${described(template)} (any more).`,
      remedy: 'Read the inventory again and choose another template.',
    },
    { cause },
  );
}

/** The machine exists, but is no template. */
export function notATemplate(template: ObjectRef): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'template-missing',
    cause: `${described(template)} is a machine, not a template (any more).`,
    remedy: 'Convert it to a template in vCenter, or choose another one.',
  });
}

/** vCenter has no such object. */
export function placementMissing(
  part: PlacementPart,
  ref: ObjectRef,
  cause?: unknown,
): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'placement-missing',
      cause: `vCenter has no ${PARTS[part]} ${described(ref)} (any more), or not where it was asked for.`,
      remedy: 'Read the inventory again and choose what exists.',
    },
    { cause },
  );
}

/** Names the part of the placement that an error is about; any other error comes back as it is. */
export function asPlacementFailure(error: unknown, placement: Placement): unknown {
  const fault = faultOf(error);
  if (!fault?.is('ManagedObjectNotFound')) return error;
  const missing = moRefOf(fault.detail['obj'])?.value;
  if (missing === placement.template.moRef) return templateMissing(placement.template, error);
  for (const part of Object.keys(PARTS) as PlacementPart[]) {
    const ref = placement[part];
    if (ref?.moRef === missing && ref) return placementMissing(part, ref, error);
  }
  return error;
}

function described({ name, moRef }: ObjectRef): string {
  return `${name} (${moRef})`;
}
