import type { DataSource, EntityManager } from 'typeorm';

/** Channel on which every process hears which runs have changed; the payload is the run's id. */
export const RUN_CHANGED_CHANNEL = 'run_changed';
/** Channel on which workers hear which runs somebody wants to cancel; the payload is the run's id. */
export const RUN_DECIDED_CHANNEL = 'run_decided';

/** Rows that a statement gave back, whatever kind of statement it was. */
export async function rowsOf<Row>(
  manager: EntityManager | DataSource,
  statement: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const answer: unknown = await manager.query(statement, [...values]);
  // TypeORM answers UPDATE and DELETE with [rows, count], and everything else with the rows.
  const isPair = Array.isArray(answer) && answer.length === 2 && Array.isArray(answer[0]);
  return (isPair ? answer[0] : answer) as readonly Row[];
}
