import { ProvisioningFailure } from '@diaken/provisioning';
import { DeadlinePassed } from '../session/call-deadline';
import { PinMismatch, readFingerprint } from '../session/server-certificate';
import { NotTheApi } from '../session/vim-transport';

/** How long to look for the certificate that a refusal is about. */
const FINGERPRINT_MS = 3_000;

/** Codes of Node, OpenSSL and undici, in words. */
const NETWORK_TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  EPROTO: 'it does not speak TLS on this port',
  EAI_AGAIN: 'its name cannot be resolved now',
  ENOTFOUND: 'its name is not known to the DNS',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it did not answer in time',
  ECONNABORTED: 'the connection was broken off',
  EHOSTDOWN: 'there is no route to it',
  UND_ERR_CLOSED: 'the connection was closed, because this process stops',
  UND_ERR_DESTROYED: 'the connection was closed, because this process stops',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_SOCKET: 'the connection was broken off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was broken off',
};

/** OpenSSL’s and Node’s names of everything that may be wrong with a certificate. */
const CERTIFICATE_TROUBLE =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERROR_IN_CERT_)/;

interface CertificateTrouble {
  readonly trouble: string;
  readonly remedy: string;
}

const UNKNOWN_AUTHORITY: CertificateTrouble = {
  trouble: 'none of the authorities that we know has issued it',
  remedy:
    'Give vCenter’s authority in PEM form, or compare the fingerprint with the one at vCenter and pin it.',
};

/** Where something else is wrong with a certificate than its authority. */
const CERTIFICATE_TROUBLES: Readonly<Record<string, CertificateTrouble>> = {
  CERT_HAS_EXPIRED: {
    trouble: 'it has expired',
    remedy:
      'Renew it at vCenter. Until then, compare the fingerprint with the one at vCenter and pin it.',
  },
  CERT_NOT_YET_VALID: {
    trouble: 'it is not valid yet',
    remedy: 'See whether the clocks of vCenter and of the worker are right.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    trouble: 'it was issued for another name',
    remedy:
      'Register vCenter by the name in its certificate, or compare the fingerprint with the one at vCenter ' +
      'and pin it.',
  },
};

/** What an error between us and vCenter means for a run. An error that is none of these comes back as it is. */
export async function failureOfTransport(
  label: string,
  url: URL,
  error: unknown,
): Promise<unknown> {
  if (error instanceof PinMismatch) return wrongPin(label, error);
  if (error instanceof NotTheApi) return notTheApi(label, error);
  if (error instanceof DeadlinePassed) {
    return unreachable(label, `it did not answer within ${error.afterMs / 1_000} s`, error);
  }
  const code = codeOf(error);
  if (CERTIFICATE_TROUBLE.test(code)) return untrusted(label, url, code, error);
  const trouble = NETWORK_TROUBLES[code] ?? protocolTrouble(code);
  return trouble === undefined ? error : unreachable(label, trouble, error);
}

function protocolTrouble(code: string): string | undefined {
  if (code.startsWith('HPE_')) return 'it does not speak HTTP on this port';
  return code.startsWith('ERR_SSL_') ? NETWORK_TROUBLES['EPROTO'] : undefined;
}

function unreachable(label: string, trouble: string, cause: unknown): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'vcenter-unreachable',
      cause: `${label} cannot be reached: ${trouble}.`,
      remedy: 'See whether vCenter is up and whether a firewall or the network is in the way.',
      transient: true,
    },
    { cause },
  );
}

function notTheApi(label: string, error: NotTheApi): ProvisioningFailure {
  const transient = error.status >= 500 || error.status === 200 || error.status === 429;
  return new ProvisioningFailure(
    {
      code: 'vcenter-unreachable',
      cause: `${label} answered with HTTP status ${error.status}, but not as the vSphere API.`,
      remedy: transient
        ? 'vCenter may be starting, or a proxy stands before it. Try again in some minutes.'
        : 'Check the address: the API of a vCenter is at https://<its name>/sdk.',
      transient,
    },
    { cause: error },
  );
}

function wrongPin(label: string, error: PinMismatch): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'vcenter-certificate-refused',
      cause: `${label} shows another certificate than the pinned one: ${readable(error.shown)}.`,
      remedy:
        'If the certificate was renewed, compare this SHA-256 fingerprint with the one at vCenter and ' +
        'pin it. The password was not sent.',
    },
    { cause: error },
  );
}

async function untrusted(
  label: string,
  url: URL,
  code: string,
  cause: unknown,
): Promise<ProvisioningFailure> {
  const shown = await readFingerprint(url, FINGERPRINT_MS);
  const { trouble, remedy } = CERTIFICATE_TROUBLES[code] ?? UNKNOWN_AUTHORITY;
  const fingerprint = shown === undefined ? '' : ` Its SHA-256 fingerprint: ${readable(shown)}.`;
  return new ProvisioningFailure(
    {
      code: 'vcenter-certificate-refused',
      cause: `The certificate of ${label} is not trusted: ${trouble} (${code}).${fingerprint}`,
      remedy: `${remedy} The password was not sent.`,
    },
    { cause },
  );
}

/** The code of an error or of the first in its chain of causes that has one. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    const [first] = at instanceof AggregateError ? at.errors : [];
    if (first instanceof Error) return codeOf(first);
  }
  return '';
}

function readable(sha256: string): string {
  return (sha256.match(/../g) ?? []).join(':').toUpperCase();
}
