import type { VariableScope } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { VariableEntity } from '../entities/variable.entity';
import { rowsOf } from '../runs/transaction';

/** A variable that holds for a host, and the name of what it is of. */
export interface VariableOfHost {
  readonly variable: VariableEntity;
  readonly scope: VariableScope;
  readonly owner: string | null;
}

/** Of two groups the later name wins, byte by byte, as in Ansible. */
const OF_HOST = `
  SELECT variable.id,
    coalesce(environment.name, host_group.name, CASE WHEN variable.host_id IS NOT NULL THEN host.name END) AS owner
  FROM host
    JOIN variable ON num_nonnulls(variable.environment_id, variable.group_id, variable.host_id) = 0
      OR variable.environment_id = host.environment_id OR variable.host_id = host.id
      OR variable.group_id IN (SELECT group_id FROM host_group_member WHERE host_id = host.id)
    LEFT JOIN environment ON environment.id = variable.environment_id
    LEFT JOIN host_group ON host_group.id = variable.group_id
  WHERE host.id = $1
  ORDER BY num_nonnulls(variable.environment_id) + 2 * num_nonnulls(variable.group_id)
    + 3 * num_nonnulls(variable.host_id), host_group.name COLLATE "C", variable.name`;

/** What `VariableEntity` says its scope is. */
export function scopeOf(
  variable: Pick<VariableEntity, 'environmentId' | 'groupId' | 'hostId'>,
): VariableScope {
  const { environmentId, groupId, hostId } = variable;
  if (hostId !== null) {
    return 'host';
  }
  if (groupId !== null) {
    return 'group';
  }
  return environmentId === null ? 'global' : 'environment';
}

/** All variables that hold for a host, from the widest scope to the narrowest: a later one wins. */
export async function variablesOfHost(
  database: DataSource,
  hostId: string,
): Promise<readonly VariableOfHost[]> {
  const found = await rowsOf<{ id: string; owner: string | null }>(database, OF_HOST, [hostId]);
  const variables = await database.manager
    .createQueryBuilder(VariableEntity, 'variable')
    .where('variable.id = ANY(:ids)', { ids: found.map(({ id }) => id) })
    .getMany();
  const byId = new Map(variables.map((variable) => [variable.id, variable]));
  return found.flatMap(({ id, owner }) => {
    const variable = byId.get(id);
    return variable ? [{ variable, scope: scopeOf(variable), owner }] : [];
  });
}
