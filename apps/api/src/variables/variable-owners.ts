import type { VariableScope } from '@diaken/contracts';
import {
  EnvironmentEntity,
  GroupEntity,
  HostEntity,
  type VariableEntity,
} from '@diaken/persistence';
import { type EntityManager, IsNull } from 'typeorm';

/** What a variable is of; all null: it is global. */
export type OwnerColumns = Pick<VariableEntity, 'environmentId' | 'groupId' | 'hostId'>;

/** The columns for an owner of this scope. */
export function ownerColumns(scope: VariableScope, ownerId: string | null): OwnerColumns {
  return {
    environmentId: scope === 'environment' ? ownerId : null,
    groupId: scope === 'group' ? ownerId : null,
    hostId: scope === 'host' ? ownerId : null,
  };
}

/** Whether there is what the variable is to be of; an archived host is none. */
export async function hasOwner(
  manager: EntityManager,
  { environmentId, groupId, hostId }: OwnerColumns,
): Promise<boolean> {
  if (hostId !== null) {
    return manager.existsBy(HostEntity, { id: hostId, archivedAt: IsNull() });
  }
  if (groupId !== null) {
    return manager.existsBy(GroupEntity, { id: groupId });
  }
  return environmentId === null || manager.existsBy(EnvironmentEntity, { id: environmentId });
}
