import type { VariableFilter, VariableScope } from '@diaken/contracts';
import type { VariableEntity } from '@diaken/persistence';
import type { SelectQueryBuilder } from 'typeorm';

const SCOPES: Record<VariableScope, string> = {
  global: 'num_nonnulls(row.environmentId, row.groupId, row.hostId) = 0',
  environment: 'row.environmentId IS NOT NULL',
  group: 'row.groupId IS NOT NULL',
  host: 'row.hostId IS NOT NULL',
};

/** Leaves the variables that the filter lets through; they are called `row`. */
export function narrowVariables(
  select: SelectQueryBuilder<VariableEntity>,
  { scope, ownerId, section, name }: VariableFilter,
): void {
  if (scope !== undefined) {
    select.andWhere(SCOPES[scope]);
  }
  if (ownerId !== undefined) {
    select.andWhere(':ownerId IN (row.environmentId, row.groupId, row.hostId)', { ownerId });
  }
  if (section !== undefined) {
    select.andWhere('row.section = :section', { section });
  }
  if (name !== undefined) {
    select.andWhere('strpos(lower(row.name), lower(:part)) > 0', { part: name });
  }
}
