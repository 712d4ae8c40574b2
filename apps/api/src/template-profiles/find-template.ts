import type { ObjectRef, TemplateProfileInput } from '@diaken/contracts';
import { InventoryObjectEntity, VCenterEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { InventoryLookup, toRef } from '../deployments/inventory-lookup';
import { refusalOf } from '../deployments/placement';
import { unknownObjects } from '../deployments/unknown-objects';

/** The template that a profile names, in what was last read of its vCenter. Throws a refusal. */
export async function findTemplate(
  manager: EntityManager,
  { vcenterId, template }: Pick<TemplateProfileInput, 'vcenterId' | 'template'>,
): Promise<ObjectRef> {
  if (!(await manager.existsBy(VCenterEntity, { id: vcenterId }))) {
    throw unknownObjects([{ path: 'vcenterId', message: `no vCenter has the id ${vcenterId}` }]);
  }
  const ofVCenter = { vcenterId, kind: 'template' } as const;
  const objects = await manager.find(InventoryObjectEntity, {
    where: [
      { ...ofVCenter, name: template },
      { ...ofVCenter, moRef: template },
    ],
  });
  const lookup = new InventoryLookup(objects);
  const found = lookup.find({ kind: 'template', called: template, path: 'template' });
  if (!found) {
    throw refusalOf(lookup);
  }
  return toRef(found);
}
