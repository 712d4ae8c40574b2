/** What a run can be. Stored, so never renamed. */
export const RUN_KINDS = [
  'deploy-vm',
  'sync-inventory',
  'find-orphans',
  'test-vcenter',
  'preflight',
  'check-host',
  'adopt-vm',
  'power',
  'decommission',
  'check-library-item',
  'sync-project',
  'read-host-key',
] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Kinds whose runs can be asked for again as they were. What is done to a host is asked for, and confirmed, there. */
export const RELAUNCHED_KINDS = [
  'deploy-vm',
  'sync-inventory',
  'find-orphans',
  'test-vcenter',
  'preflight',
  'check-host',
  'adopt-vm',
  'read-host-key',
  'check-library-item',
  'sync-project',
] as const;
export type RelaunchedKind = (typeof RELAUNCHED_KINDS)[number];

/** Whether such a run can be asked for again. */
export function isRelaunched(kind: RunKind): kind is RelaunchedKind {
  return (RELAUNCHED_KINDS as readonly RunKind[]).includes(kind);
}
