import type { QueryRunner } from 'typeorm';

/** Runs the statements of a migration, one after the other. */
export async function runStatements(
  runner: QueryRunner,
  statements: readonly string[],
): Promise<void> {
  for (const statement of statements) {
    await runner.query(statement);
  }
}
