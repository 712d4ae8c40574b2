import { createPrivateKey, randomBytes, type JsonWebKey } from 'node:crypto';
import { ProvisioningFailure } from '@diaken/provisioning';
import ssh2 from 'ssh2';
import type { SshKeyCredential } from './credential-directory';

/** A key pair that needs no passphrase any more. */
export interface OpenedKey {
  /** OpenSSH form (`openssh-key-v1`), the one that every ssh-add reads. Never goes to a disk. */
  readonly privateKey: string;
  /** Type and base64. */
  readonly publicKey: string;
}

/** Opens a credential's key with its passphrase. Throws `ProvisioningFailure`: `secret-unreadable`. */
export function openKey({ privateKey, passphrase, username }: SshKeyCredential): OpenedKey {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) {
    throw unusable(username, 'cannot be opened: its form is unknown or its passphrase is wrong');
  }
  const blob = parsed.getPublicSSH();
  const fields = privateFields(createPrivateKey(parsed.getPrivatePEM()).export({ format: 'jwk' }));
  if (!fields) {
    throw unusable(username, `is of a kind (${parsed.type}) that cannot be used`);
  }
  return {
    privateKey: openSshForm(blob, fields),
    publicKey: `${parsed.type} ${blob.toString('base64')}`,
  };
}

function unusable(username: string, what: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'secret-unreadable',
    cause: `The private key of the credential for "${username}" ${what}.`,
    remedy: 'Save the credential again, with an Ed25519, ECDSA or RSA key and its passphrase.',
  });
}

/** The private half as the agent protocol has it (draft-ietf-sshm-ssh-agent, section 3.2). */
function privateFields(key: JsonWebKey): Buffer | undefined {
  switch (key.kty) {
    case 'OKP': {
      const point = number(key.x);
      return join([text('ssh-ed25519'), string(point), string(join([number(key.d), point]))]);
    }
    case 'EC': {
      const curve = `nistp${key.crv?.slice('P-'.length)}`;
      const point = join([Buffer.from([4]), number(key.x), number(key.y)]);
      return join([text(`ecdsa-sha2-${curve}`), text(curve), string(point), integer(key.d)]);
    }
    case 'RSA':
      return join([text('ssh-rsa'), ...[key.n, key.e, key.d, key.qi, key.p, key.q].map(integer)]);
    default:
      return undefined;
  }
}

/** OpenSSH's PROTOCOL.key, without encryption. */
function openSshForm(publicBlob: Buffer, fields: Buffer): string {
  const check = randomBytes(4);
  const secret = join([check, check, fields, text('')]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, at) => at + 1));
  const whole = join([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    Buffer.from([0, 0, 0, 1]),
    string(publicBlob),
    string(join([secret, padding])),
  ]);
  const lines = whole.toString('base64').replace(/.{70}/g, '$&\n').trimEnd();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const join = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const number = (value = ''): Buffer => Buffer.from(value, 'base64url');
const text = (value: string): Buffer => string(Buffer.from(value));

/** A string of RFC 4251: its length, then its bytes. */
function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return join([length, bytes]);
}

/** An mpint of RFC 4251: no leading zeros, but one before a set highest bit. */
function integer(value: string | undefined): Buffer {
  const bytes = number(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return string((digits[0] ?? 0) & 0x80 ? join([Buffer.from([0]), digits]) : digits);
}
