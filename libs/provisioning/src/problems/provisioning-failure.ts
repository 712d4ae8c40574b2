import type { ProblemCode } from '@diaken/contracts';
import { StepFailure } from '@diaken/pipeline';

/** What went wrong in the domain: a stable code, the cause and the remedy in plain words. */
export interface FailureFacts {
  readonly code: ProblemCode;
  /** The cause, for the operator. Never holds a secret. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether another attempt may cure it. Only adapters know. Default: false. */
  readonly transient?: boolean;
}

/** An expected failure of a step. Everything else that is thrown is a bug. */
export class ProvisioningFailure extends StepFailure {
  constructor({ code, cause, remedy, transient = false }: FailureFacts, options?: ErrorOptions) {
    super({ code, message: cause, remedy, transient }, options);
  }
}
