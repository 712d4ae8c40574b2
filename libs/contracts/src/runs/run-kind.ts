/** What a run can be. Stored, so never renamed. */
export const RUN_KINDS = [
  'deploy-vm',
  'sync-inventory',
  'find-orphans',
  'preflight',
  'check-host',
  'adopt-vm',
] as const;
export type RunKind = (typeof RUN_KINDS)[number];
