import { fingerprintOf } from '@diaken/provisioning';

/** The types of host keys that are accepted, the preferred first; `rsa-sha2-*` are how an RSA key signs. */
const TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;
export type HostKeyAlgorithm = (typeof TYPES)[number];

/** A host key: its type and its bytes. */
export class HostKey {
  private constructor(
    readonly type: string,
    private readonly bytes: Buffer,
  ) {}

  /** From what a server presents. */
  static ofBytes(bytes: Buffer): HostKey {
    const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
    return new HostKey(bytes.toString('latin1', 4, 4 + length), bytes);
  }

  /** From `ssh-ed25519 AAAA…`. */
  static ofText(text: string): HostKey {
    const [type = '', encoded = ''] = text.trim().split(/\s+/);
    return new HostKey(type, Buffer.from(encoded, 'base64'));
  }

  /** As `ssh-keygen -l` prints it. */
  get fingerprint(): string {
    return fingerprintOf(this.toString());
  }

  /** What to ask a server for so that it shows a key of this type, if it has one. */
  get algorithms(): HostKeyAlgorithm[] {
    const wanted = this.type === 'ssh-rsa' ? 'rsa-sha2-' : this.type;
    const first = TYPES.filter((type) => type.startsWith(wanted));
    return [...first, ...TYPES.filter((type) => !first.includes(type))];
  }

  equals(other: HostKey): boolean {
    return this.bytes.equals(other.bytes);
  }

  toString(): string {
    return `${this.type} ${this.bytes.toString('base64')}`;
  }
}

/** What to ask a server for whose key is not known yet. */
export const ANY_HOST_KEY: HostKeyAlgorithm[] = [...TYPES];
