import type { DatabaseError } from 'pg';
import { QueryFailedError } from 'typeorm';

/** Whether PostgreSQL refused something because it is there already (unique_violation). */
export function isUniqueViolation(error: unknown): boolean {
  const refusal: Partial<DatabaseError> | undefined =
    error instanceof QueryFailedError ? error.driverError : undefined;
  return refusal?.code === '23505';
}
