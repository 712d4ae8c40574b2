import { ProvisioningFailure } from '@diaken/provisioning';
import type { VCenterAccess } from '../vcenter-directory';

/** vCenter ends every session that we open. */
export function sessionKeepsEnding(label: string, cause: unknown): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'vcenter-unreachable',
      cause: `${label} ended our session in the middle of a call.`,
      remedy:
        'Usually the next attempt succeeds. If not, see whether somebody ends sessions there.',
      transient: true,
    },
    { cause },
  );
}

/** The url leads to a single host. */
export function notAVCenter(label: string, product: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-fault',
    cause: `${label} is no vCenter but ${product}, which cannot clone templates.`,
    remedy: 'Register the vCenter that manages this host.',
  });
}

/** The policy asks for a certificate that plain HTTP does not have. Throws `vcenter-certificate-refused`. */
export function requireCertificate(label: string, url: URL, { tls }: VCenterAccess): void {
  if (url.protocol === 'https:' || tls.mode === 'system' || tls.mode === 'insecure') return;
  throw new ProvisioningFailure({
    code: 'vcenter-certificate-refused',
    cause: `${label} is addressed without TLS, so that its certificate cannot be checked.`,
    remedy: 'Write its address with https://. The password was not sent.',
  });
}
