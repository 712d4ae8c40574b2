import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What certificates in PEM form say of themselves. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** When the first of them expires. */
  readonly expiresAt: Date;
  /** Of the first: SHA-256, as `openssl x509 -fingerprint` prints it. */
  readonly fingerprint: string;
}

/** The key that belongs to a certificate. */
export interface CertificateKey {
  readonly privateKey: string;
  readonly passphrase?: string | undefined;
}

/** A certificate, or its key, that cannot be used: which, and why. */
export class UnusableCertificate extends Error {
  override readonly name = 'UnusableCertificate';

  constructor(
    readonly field: 'certificate' | 'privateKey' | 'passphrase',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const ONE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads certificates, and sees that the key belongs to the first. Throws `UnusableCertificate`. */
export function readCertificates(pem: string, key?: CertificateKey): CertificateFacts {
  const [first, ...others] = (pem.match(ONE) ?? []).map(parsed);
  if (!first) {
    throw new UnusableCertificate('certificate', 'has no certificate with BEGIN and END lines');
  }
  const expired = [first, ...others].find(({ validToDate }) => validToDate.getTime() < Date.now());
  if (expired) {
    const message = `has expired on ${expired.validToDate.toISOString()} (${oneLine(expired.subject)}); send the one that replaced it`;
    throw new UnusableCertificate('certificate', message);
  }
  if (key) {
    requireOwn(first, key);
  }
  const expiries = [first, ...others].map(({ validToDate }) => validToDate.getTime());
  return {
    subject: oneLine(first.subject),
    issuer: oneLine(first.issuer),
    expiresAt: new Date(Math.min(...expiries)),
    fingerprint: `SHA256:${first.fingerprint256}`,
  };
}

function parsed(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    const message = `cannot be read: certificate ${index + 1} is damaged; send the whole file`;
    throw new UnusableCertificate('certificate', message, { cause: error });
  }
}

function requireOwn(certificate: X509Certificate, key: CertificateKey): void {
  if (!certificate.checkPrivateKey(opened(key))) {
    const message = `belongs to another certificate than the first one (${oneLine(certificate.subject)})`;
    throw new UnusableCertificate('privateKey', message);
  }
}

function opened({ privateKey, passphrase }: CertificateKey) {
  try {
    return createPrivateKey({ key: privateKey, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const isProtected = privateKey.includes('ENCRYPTED');
    throw isProtected ? closed(passphrase, cause) : unreadable(cause);
  }
}

function closed(passphrase: string | undefined, cause: unknown): UnusableCertificate {
  const message =
    passphrase === undefined
      ? 'is needed: the private key is protected by one'
      : 'does not open the private key';
  return new UnusableCertificate('passphrase', message, { cause });
}

function unreadable(cause: unknown): UnusableCertificate {
  const message = 'cannot be read as a private key in PEM form; send the whole file';
  return new UnusableCertificate('privateKey', message, { cause });
}

/** Node separates the parts of a name by line ends. */
function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
