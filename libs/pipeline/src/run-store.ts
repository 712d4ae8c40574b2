import type { RunFailure, RunKind, RunPolicy, RunStatus, StepStatus } from '@diaken/contracts';
import type { Facts } from './step';

/** One step of a run, as stored. */
export interface StepRecord {
  readonly name: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly notes: Facts;
  readonly gives: Facts;
}

/** What an operator who cancels wants to become of the machine; null: nobody cancels. */
export type CancelWish = 'roll-back' | 'keep' | null;

/** A run, as stored. */
export interface RunRecord {
  readonly id: string;
  readonly kind: RunKind;
  readonly request: Facts;
  readonly policy: RunPolicy;
  readonly status: RunStatus;
  readonly cancel: CancelWish;
  /** Who cancelled it, or had it rolled back; null when nobody did. */
  readonly decidedBy: string | null;
  /** Attempts at the run as a whole that have failed since somebody started or resumed it. */
  readonly attempt: number;
  /** How often a worker died, or lost the run, since a step last ended. */
  readonly losses: number;
  readonly steps: readonly StepRecord[];
}

/** Proof that this worker, and no other, may write to the run. */
export interface Lease {
  readonly runId: string;
  readonly token: number;
  /** Lines of the run's log that were stored when it was claimed. */
  readonly logLines: number;
}

/** What a run's new status comes with. */
export interface RunMove {
  /** Left out: the run keeps the failure that it has, unless it begins anew or ends well. */
  readonly failure?: RunFailure;
  /** With `pending`: this attempt has failed, and the next one is due in this time. */
  readonly retryInMs?: number;
  /** Refused with `Interruption('cancelled')` when somebody has cancelled the run meanwhile. */
  readonly unlessCancelled?: boolean;
}

/** What changes of a step; what is left out stays. */
export interface StepChange {
  readonly status?: StepStatus;
  readonly gives?: Facts;
  readonly attempts?: number;
  readonly progress?: number;
  readonly message?: string | null;
}

/** A line for the run's log. */
export interface NewLogLine {
  readonly at: Date;
  readonly step: string;
  readonly text: string;
}

/** What is appended to a run's log in one transaction. */
export interface LogBatch {
  /** Lines that the log has before: a batch that is sent twice is stored once. */
  readonly after: number;
  readonly lines: readonly NewLogLine[];
  /** Replaces the notes of these steps. */
  readonly notes: ReadonlyMap<string, Facts>;
}

/**
 * Where runs live. Every write carries the lease and is refused with `Interruption('lease-lost')` once another
 * worker has taken the run over: two workers on one run is a matter of time.
 */
export abstract class RunStore {
  /** Makes the lease last longer; tells whether somebody wants to cancel. */
  abstract renew(lease: Lease): Promise<{ readonly cancel: CancelWish }>;
  /** Lets go of the run. Does nothing when the lease is lost. */
  abstract release(lease: Lease): Promise<void>;
  /** Throws when there is no such run. */
  abstract read(runId: string): Promise<RunRecord>;
  /** Writes the change and the event that tells of it in one transaction. */
  abstract moveRun(lease: Lease, to: RunStatus, move?: RunMove): Promise<void>;
  /** Writes the change and the event that tells of it in one transaction. */
  abstract moveStep(lease: Lease, name: string, change: StepChange): Promise<void>;
  /** Appends to the run's log. Does nothing when the batch has been stored before. */
  abstract appendLog(lease: Lease, batch: LogBatch): Promise<void>;
  /** Whether an error says that the store is away. What steps need besides is kept in the same place. */
  abstract saysAway(error: unknown): boolean;
}
