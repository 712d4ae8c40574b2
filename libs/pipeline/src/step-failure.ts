import type { ProblemCode } from '@diaken/contracts';

/** What a step that failed tells the operator. */
export interface StepFailureFacts {
  readonly code: ProblemCode;
  /** The cause, in plain words. Never holds a secret. */
  readonly message: string;
  readonly remedy: string;
  /** Whether another attempt may cure it. */
  readonly transient: boolean;
}

/** An expected failure of a step. Any other error is a bug and is reported as `unexpected-error`. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code: ProblemCode;
  readonly remedy: string;
  readonly transient: boolean;

  constructor({ code, message, remedy, transient }: StepFailureFacts, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
    this.transient = transient;
  }
}
