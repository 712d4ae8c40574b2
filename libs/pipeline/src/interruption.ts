/** Why a step was told to stop. Always the `reason` of the step's signal. */
export type InterruptionCode = 'cancelled' | 'worker-stopping' | 'lease-lost' | 'timed-out';

/** Thrown where a signal's reason ends the work. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly code: InterruptionCode) {
    super(`Interrupted: ${code}`);
  }
}

/** Whether the error is an interruption, and of one of these codes when some are named. */
export function isInterruption(
  error: unknown,
  ...codes: InterruptionCode[]
): error is Interruption {
  return error instanceof Interruption && (codes.length === 0 || codes.includes(error.code));
}
