import type { RunFailure, RunStatus } from '@diaken/contracts';
import { pauseBefore } from './attempt';
import type { RunRecord } from './run-store';
import type { BuiltStep } from './step';
import { StepFailure } from './step-failure';

/** How an attempt to go forward ended. */
export interface Ending {
  readonly to: RunStatus;
  readonly failure?: RunFailure;
  /** With `pending`: when the next attempt is due. */
  readonly retryInMs?: number;
  /** Whether it gives way to somebody who has cancelled the run meanwhile. */
  readonly unlessCancelled?: boolean;
}

/** Workers that may be lost in a row at one step before the run is held: most likely it is the step that ends them. */
export const MOST_LOSSES = 5;

/** What the failure of a step means for its run: another attempt, a roll-back, or holding what it made. */
export function outcomeOf(
  step: BuiltStep,
  run: RunRecord,
  error: unknown,
  failure: RunFailure,
): Ending {
  const { retry, onFailure } = run.policy;
  const isTransient = error instanceof StepFailure && error.transient;
  if (isTransient && run.attempt + 1 < retry.attempts) {
    const backoff = retry.backoff === 'exponential' ? 2 : 1;
    const pause = { delayMs: retry.delaySeconds * 1_000, backoff };
    return { to: 'pending', failure, retryInMs: pauseBefore(run.attempt + 1, pause) };
  }
  const undoes = step.onFailure === 'roll-back' || onFailure.machine === 'destroy';
  return { to: undoes ? 'rolling_back' : 'failed', failure };
}

/** What the operator is told of a run that no worker survives. */
export function workerLost({ losses, steps }: RunRecord): RunFailure {
  const at = steps.find(({ status }) => status === 'running' || status === 'undoing') ?? steps[0];
  return {
    step: at?.name ?? '',
    code: 'worker-lost',
    message: `${losses} workers in a row died, or lost the run, at this step. It may be what ends them.`,
    remedy: 'Look at the ends of the workers’ logs, mend the cause, and resume the run.',
  };
}
