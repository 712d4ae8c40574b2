import type { ProblemCode } from '@diaken/contracts';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** A failure that another attempt may cure. */
export function transientFailure(code: ProblemCode = 'vcenter-unreachable'): ProvisioningFailure {
  return new ProvisioningFailure({
    code,
    cause: 'It does not answer.',
    remedy: 'Wait.',
    transient: true,
  });
}

/** A failure that no attempt cures. */
export function finalFailure(
  code: ProblemCode,
  cause = 'It refuses.',
  remedy = 'Mend it.',
): ProvisioningFailure {
  return new ProvisioningFailure({ code, cause, remedy });
}
