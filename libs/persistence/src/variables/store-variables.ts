import type { EntityManager } from 'typeorm';
import { VariableEntity } from '../entities/variable.entity';

/** Rows that one statement carries. */
const ROWS_AT_ONCE = 1_000;

/** Stores variables within a transaction; those whose ids are there already are replaced. */
export async function storeVariables(
  manager: EntityManager,
  variables: readonly VariableEntity[],
): Promise<void> {
  for (let from = 0; from < variables.length; from += ROWS_AT_ONCE) {
    await manager.upsert(VariableEntity, variables.slice(from, from + ROWS_AT_ONCE) as never[], [
      'id',
    ]);
  }
}
