import type { RunFailure } from '@diaken/contracts';
import { isInterruption } from './interruption';
import type { BuiltStep } from './step';
import { StepFailure } from './step-failure';

/** What the operator is told of an error, and whether the step had expected it. */
export function failureOf(
  step: BuiltStep,
  error: unknown,
): { readonly failure: RunFailure; readonly isExpected: boolean } {
  if (error instanceof StepFailure) {
    const { code, message, remedy } = error;
    return { failure: { step: step.name, code, message, remedy }, isExpected: true };
  }
  if (isInterruption(error, 'timed-out')) {
    return { failure: timedOut(step), isExpected: true };
  }
  // The message of an error that nobody expected may hold anything, so it stays in the worker's own log.
  const kind = error instanceof Error ? error.name : typeof error;
  const failure: RunFailure = {
    step: step.name,
    code: 'unexpected-error',
    message: `"${step.title}" ended by an error that nobody expected (${kind}).`,
    remedy: 'Resume the run. If it fails again, look for this run’s id in the worker’s log.',
  };
  return { failure, isExpected: false };
}

function timedOut(step: BuiltStep): RunFailure {
  return {
    step: step.name,
    code: 'timed-out',
    message: `"${step.title}" was not done within ${inWords(step.timeoutMs)}.`,
    remedy: 'Read the log to see what it waited for, mend that, and resume the run.',
  };
}

function inWords(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1_000} seconds`;
}
