import type { StepStatus } from '@diaken/contracts';
import type { StepChange } from '@diaken/pipeline';

const ENDED: readonly StepStatus[] = ['success', 'failed', 'skipped', 'undone'];

/** The statement that changes a step: only what the change names. Answers the step's title. */
export function updateOfStep(
  runId: string,
  name: string,
  change: StepChange,
): { statement: string; values: unknown[] } {
  const values: unknown[] = [runId, name];
  const put = (value: unknown) => `$${values.push(value)}`;
  const columns = Object.entries(change)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} = ${put(value)}`);
  if (change.status === 'running') {
    columns.push('started_at = coalesce(started_at, now())', 'ended_at = NULL', 'progress = 0');
  }
  if (change.status && ENDED.includes(change.status)) {
    columns.push('ended_at = now()');
  }
  const statement = `UPDATE run_step SET ${columns.join(', ')} WHERE run_id = $1 AND name = $2 RETURNING title`;
  return { statement, values };
}
