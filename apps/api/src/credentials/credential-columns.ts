import type { CertificateView, CredentialInput, WinrmSettings } from '@diaken/contracts';
import type { CredentialSecrets } from '@diaken/persistence';
import { fingerprintOf, readCertificates, UnusableCertificate, UnusableKey } from '@diaken/runtime';
import { invalid } from '../http/refusal';

/** What is stored of a credential besides its name. */
export interface CredentialColumns {
  readonly kind: CredentialInput['kind'];
  readonly username: string | null;
  readonly fingerprint: string | null;
  readonly hasBecomePassword: boolean;
  readonly winrm: WinrmSettings | null;
  readonly certificate: CertificateView | null;
  readonly secrets: CredentialSecrets;
}

/** Reads keys and certificates, so that what cannot be used is refused now. Throws a refusal that names the field. */
export function columnsOf(input: CredentialInput): CredentialColumns {
  try {
    return read(input);
  } catch (error) {
    if (error instanceof UnusableKey || error instanceof UnusableCertificate) {
      throw invalid([{ path: error.field, message: error.message }]);
    }
    throw error;
  }
}

function read(input: CredentialInput): CredentialColumns {
  const { kind } = input;
  switch (kind) {
    case 'ssh-key': {
      const { username, privateKey, passphrase, becomePassword } = input;
      const fingerprint = fingerprintOf(privateKey, passphrase);
      return columns(kind, { privateKey, passphrase, becomePassword }, { username, fingerprint });
    }
    case 'ssh-password': {
      const { username, password, becomePassword } = input;
      return columns(kind, { password, becomePassword }, { username });
    }
    case 'winrm': {
      const { username, password, winrm } = input;
      return columns(kind, { password }, { username, winrm });
    }
    case 'vault-password':
      return columns(kind, { password: input.password });
    case 'tls-file':
      return ofCertificate(input);
  }
}

function ofCertificate(input: Extract<CredentialInput, { kind: 'tls-file' }>): CredentialColumns {
  const { certificate: pem, privateKey, passphrase } = input;
  const key = privateKey === undefined ? undefined : { privateKey, passphrase };
  const { fingerprint, expiresAt, subject, issuer } = readCertificates(pem, key);
  const hasPrivateKey = privateKey !== undefined;
  const certificate = { subject, issuer, expiresAt: expiresAt.toISOString(), hasPrivateKey };
  return columns(
    input.kind,
    { certificate: pem, privateKey, passphrase },
    { fingerprint, certificate },
  );
}

function columns(
  kind: CredentialInput['kind'],
  secrets: CredentialSecrets,
  shown: Partial<CredentialColumns> = {},
): CredentialColumns {
  return {
    ...{ username: null, fingerprint: null, winrm: null, certificate: null },
    ...shown,
    ...{ kind, secrets, hasBecomePassword: secrets.becomePassword !== undefined },
  };
}
