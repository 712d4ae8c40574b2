import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';

/** A private key that cannot be used, and why. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
}

/** The SHA256 fingerprint of a private key's public half, as `ssh-keygen -l` prints it. Throws `UnusableKey`. */
export function fingerprintOf(privateKey: string, passphrase?: string): string {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) {
    throw new UnusableKey(reasonOf(parsed.message, passphrase));
  }
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** In our own words: a parser's message could quote what it read. */
function reasonOf(message: string, passphrase: string | undefined): string {
  if (/encrypted|passphrase|integrity|decrypt/i.test(message)) {
    return passphrase === undefined
      ? 'is protected by a passphrase; send it as passphrase'
      : 'does not open with the passphrase that was sent';
  }
  return 'cannot be read as a private key; send the whole file, with its BEGIN and END lines';
}
