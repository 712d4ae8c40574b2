import type { FiledVariable } from '@diaken/contracts';
import {
  EnvironmentEntity,
  GroupEntity,
  HostEntity,
  type VariableEntity,
} from '@diaken/persistence';
import { type EntityManager, IsNull } from 'typeorm';
import { type OwnerColumns, ownerColumns } from './variable-owners';

/** How a file names what a variable is of. */
export type OwnerNames = Pick<FiledVariable, 'scope' | 'environment' | 'group' | 'host'>;

/** A field of a file that is wrong, and why. */
export interface WrongOwner {
  readonly field: 'environment' | 'group' | 'host';
  readonly message: string;
}

/** What variables can be of, by id and by name; read once for a whole file. */
export class OwnerDirectory {
  private constructor(
    private readonly environments: readonly EnvironmentEntity[],
    private readonly groups: readonly GroupEntity[],
    private readonly hosts: readonly Pick<HostEntity, 'id' | 'name'>[],
  ) {}

  static async read(manager: EntityManager): Promise<OwnerDirectory> {
    const [environments, groups, hosts] = await Promise.all([
      manager.find(EnvironmentEntity),
      manager.find(GroupEntity),
      manager.find(HostEntity, {
        select: { id: true, name: true },
        where: { archivedAt: IsNull() },
      }),
    ]);
    return new OwnerDirectory(environments, groups, hosts);
  }

  /** How a file is to name what the variable is of. */
  namesOf({ environmentId, groupId, hostId }: OwnerColumns): OwnerNames {
    if (hostId !== null) {
      return { scope: 'host', host: this.hosts.find(({ id }) => id === hostId)?.name };
    }
    const group = this.groups.find(({ id }) => id === groupId);
    const ofId = group?.environmentId ?? environmentId;
    const environment = this.environments.find(({ id }) => id === ofId)?.name;
    if (group) {
      return { scope: 'group', environment, group: group.name };
    }
    return environmentId === null ? { scope: 'global' } : { scope: 'environment', environment };
  }

  /** What the file means. */
  find({ scope, environment, group, host }: OwnerNames): OwnerColumns | WrongOwner {
    if (scope === 'global') {
      return ownerColumns(scope, null);
    }
    if (scope === 'host') {
      const found = this.hosts.find(({ name }) => name === host?.toLowerCase());
      return found ? ownerColumns(scope, found.id) : missing('host', `host "${host ?? ''}"`);
    }
    const within = this.environments.find(({ name }) => name === environment);
    if (!within) {
      return missing('environment', `environment "${environment ?? ''}"`);
    }
    if (scope === 'environment') {
      return ownerColumns(scope, within.id);
    }
    const found = this.groups.find(
      ({ name, environmentId }) => name === group && environmentId === within.id,
    );
    return found
      ? ownerColumns(scope, found.id)
      : missing('group', `group "${group ?? ''}" in ${within.name}`);
  }
}

/** What makes two variables one: the same name, of the same thing. */
export function keyOf({
  name,
  environmentId,
  groupId,
  hostId,
}: Pick<VariableEntity, 'name'> & OwnerColumns): string {
  return `${name} ${environmentId ?? groupId ?? hostId ?? ''}`;
}

function missing(field: WrongOwner['field'], what: string): WrongOwner {
  return { field, message: `there is no ${what}` };
}
