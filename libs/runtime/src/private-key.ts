import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';

/** A private key that cannot be used: which field is wrong, and why. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';

  constructor(
    readonly field: 'privateKey' | 'passphrase',
    message: string,
  ) {
    super(message);
  }
}

/** What ssh and the agent of a run both take. */
const USABLE = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+)$/;

/** The SHA256 fingerprint of a private key's public half, as `ssh-keygen -l` prints it. Throws `UnusableKey`. */
export function fingerprintOf(privateKey: string, passphrase?: string): string {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) {
    throw whyUnread(parsed.message, privateKey, passphrase);
  }
  if (!USABLE.test(parsed.type)) {
    const message = `is of the type ${parsed.type}, which servers refuse; send an Ed25519, ECDSA or RSA key`;
    throw new UnusableKey('privateKey', message);
  }
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

const SAYS_PROTECTED = /encrypted|passphrase|integrity|decrypt/i;
const PKCS8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/;

/** In our own words: a parser's message could quote what it read. */
function whyUnread(message: string, key: string, passphrase: string | undefined): UnusableKey {
  if (PKCS8.test(key)) {
    return new UnusableKey(
      'privateKey',
      'is in PKCS#8 form; rewrite the file: ssh-keygen -p -f FILE',
    );
  }
  if (SAYS_PROTECTED.test(message) || key.includes('Proc-Type: 4,ENCRYPTED')) {
    return passphrase === undefined
      ? new UnusableKey('passphrase', 'is needed: the private key is protected by one')
      : new UnusableKey('passphrase', 'does not open the private key');
  }
  const what = key.startsWith('PuTTY')
    ? 'is a PuTTY key that cannot be read here; in PuTTYgen choose Conversions, Export OpenSSH key, and send that file'
    : 'cannot be read as a private key; send the whole file, with its BEGIN and END lines';
  return new UnusableKey('privateKey', what);
}
