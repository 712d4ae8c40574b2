/** Every status a step of a run can have. */
export const STEP_STATUSES = [
  'pending',
  'running',
  'success',
  'failed',
  'skipped',
  'undoing',
  'undone',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];
