import type { RunKind } from '@diaken/contracts';

/** A Bull job says that a run waits. PostgreSQL is the truth, also of the order; the queue may be wiped at any time. */
export interface RunJob {
  readonly runId: string;
}

/** Queues by what their runs compete for. Names are stored in Redis, so never renamed. */
export const QUEUES = ['deployments', 'maintenance', 'checks'] as const;
export type QueueName = (typeof QUEUES)[number];

const QUEUE_OF: Record<RunKind, QueueName> = {
  'deploy-vm': 'deployments',
  'sync-inventory': 'maintenance',
  'find-orphans': 'maintenance',
  'test-vcenter': 'maintenance',
  preflight: 'maintenance',
  'check-host': 'maintenance',
  'adopt-vm': 'deployments',
  power: 'deployments',
  decommission: 'deployments',
  'check-library-item': 'checks',
  'sync-project': 'maintenance',
  'read-host-key': 'maintenance',
};

/** The queue that runs of this kind wait in. */
export function queueOf(kind: RunKind): QueueName {
  return QUEUE_OF[kind];
}

/** A run that has something to do. */
export interface DueRun {
  readonly id: string;
  readonly kind: RunKind;
  /** The lease token that it has now: one job per run and token, so that adding it twice does no harm. */
  readonly leaseToken: number;
}

/** Tells the workers that runs wait. */
export abstract class RunQueue {
  /** Tells one of them. Throws when the queue is away; every worker looks by itself from time to time. */
  abstract add(run: DueRun): Promise<void>;
}
