import type { BuiltStep, Facts } from './step';
import type { RunRecord, StepRecord } from './run-store';

/** Whether a step needs no more work. */
export function isDone({ status }: StepRecord): boolean {
  return status === 'success' || status === 'skipped';
}

/** Whether a step may have left something that an undo has to look for. */
export function isBegun({ status }: StepRecord): boolean {
  return status !== 'pending' && status !== 'skipped' && status !== 'undone';
}

/** The steps to undo, last one first; where the machine is kept, those that may still go on. */
export function stepsToUndo(
  steps: readonly BuiltStep[],
  run: RunRecord,
  keeps: boolean,
): readonly BuiltStep[] {
  const isToUndo = ({ name, undone }: BuiltStep): boolean => {
    const record = recordOf(run, name);
    return keeps
      ? undone === 'though-kept' && isBegun(record) && !isDone(record)
      : isBegun(record) || (undone === 'though-not-begun' && record.status === 'pending');
  };
  return steps.filter(isToUndo).reverse();
}

/** What is stored of a step. Throws when the run has no such step. */
export function recordOf(run: RunRecord, name: string): StepRecord {
  const record = run.steps.find((step) => step.name === name);
  if (!record) {
    throw new Error(`Run ${run.id} has no record of step ${name}`);
  }
  return record;
}

/** All that is known of a run: its request, and what its steps gave, later ones over earlier ones. */
export function factsOf(run: RunRecord): Facts {
  return Object.assign({}, run.request, ...run.steps.map(({ gives }) => gives));
}
