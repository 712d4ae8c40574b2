/** What a run can be. Stored, so never renamed. */
export const RUN_KINDS = ['deploy-vm', 'sync-inventory'] as const;
export type RunKind = (typeof RUN_KINDS)[number];
