import type { RunFailure, RunKind, RunStatus, StepStatus } from '@diaken/contracts';
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
  readonly status: RunStatus;
  readonly cancel: CancelWish;
  readonly steps: readonly StepRecord[];
}

/** Proof that this worker, and no other, may write to the run. */
export interface Lease {
  readonly runId: string;
  readonly token: number;
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

/**
 * Where runs live. Every write carries the lease and is refused with `Interruption('lease-lost')` once another
 * worker has taken the run over: the queue delivers at least once, so two workers on one run is a matter of time.
 */
export abstract class RunStore {
  /** Undefined when another worker holds the run or nothing is left to do. */
  abstract claim(runId: string): Promise<Lease | undefined>;
  /** Makes the lease last longer; tells whether somebody wants to cancel. */
  abstract renew(lease: Lease): Promise<{ readonly cancel: CancelWish }>;
  /** Lets go of the run. Does nothing when the lease is lost. */
  abstract release(lease: Lease): Promise<void>;
  /** Throws when there is no such run. */
  abstract read(runId: string): Promise<RunRecord>;
  /** Writes the change and the event that tells of it in one transaction. */
  abstract moveRun(lease: Lease, to: RunStatus, failure?: RunFailure): Promise<void>;
  /** Writes the change and the event that tells of it in one transaction. */
  abstract moveStep(lease: Lease, name: string, change: StepChange): Promise<void>;
  /** Appends lines to the run's log and replaces the notes of steps, in one transaction. */
  abstract appendLog(
    lease: Lease,
    lines: readonly NewLogLine[],
    notes: ReadonlyMap<string, Facts>,
  ): Promise<void>;
}
