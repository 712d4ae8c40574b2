import type { PreflightCheck, PreflightCheckName } from '@diaken/contracts';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** What one check found. */
export type Finding = { readonly check: PreflightCheckName } & (
  | { readonly state: 'ok' | 'not-checked'; readonly cause: string }
  | { readonly state: 'warning'; readonly cause: string; readonly remedy: string }
  /** What a deployment would fail with. */
  | { readonly state: 'failed'; readonly failure: ProvisioningFailure }
);

export function ok(check: PreflightCheckName, cause: string): Finding {
  return { check, state: 'ok', cause };
}

export function notChecked(check: PreflightCheckName, cause: string): Finding {
  return { check, state: 'not-checked', cause };
}

export function failed(check: PreflightCheckName, failure: ProvisioningFailure): Finding {
  return { check, state: 'failed', failure };
}

/** What a check found that tells what is wrong by throwing; a bug is passed on. */
export async function unlessItFails(
  check: PreflightCheckName,
  look: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ProvisioningFailure)) {
      throw error;
    }
    return failed(check, error);
  }
}

/** As it stands in a report. */
export function toPreflightCheck(finding: Finding): PreflightCheck {
  const { check, state } = finding;
  if (state === 'failed') {
    const { code, message, remedy } = finding.failure;
    return { check, state, code, cause: message, remedy };
  }
  const remedy = state === 'warning' ? finding.remedy : '';
  return { check, state, code: null, cause: finding.cause, remedy };
}
