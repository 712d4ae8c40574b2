import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Nonce length that NIST SP 800-38D recommends for GCM, bytes. */
const NONCE_BYTES = 12;
const VERSION = 'v1';

/** A key and the name that sealed texts carry, so that keys can be rotated. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Reads `id:base64,id:base64`; the first key seals, all open. Throws an error that never shows a key. */
export function encryptionKeys(text: string): readonly [EncryptionKey, ...EncryptionKey[]] {
  const [first, ...others] = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(encryptionKey);
  if (!first) {
    throw new Error('needs at least one key, as id:base64; make one with: openssl rand -base64 32');
  }
  return [first, ...others];
}

function encryptionKey(text: string): EncryptionKey {
  const [id = '', encoded = ''] = text.split(/:(.*)/s);
  const key = Buffer.from(encoded, 'base64');
  // A key without an id would be taken for one: it must not show up in a message.
  if (!text.includes(':') || !/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
    throw new Error('needs keys written as id:base64, the id of letters, digits, - and _');
  }
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `has a key "${id}" of ${key.length} bytes instead of ${KEY_BYTES}; make one with: openssl rand -base64 32`,
    );
  }
  return { id, key };
}

/** A sealed text that cannot be opened: wrong key, or changed. */
export class UnreadableSecret extends Error {
  override readonly name = 'UnreadableSecret';
}

/** Seals secrets before they are stored (AES-256-GCM), and opens them. */
export class SecretBox {
  constructor(private readonly keys: readonly [EncryptionKey, ...EncryptionKey[]]) {}

  /** Seals; `belongsTo` (such as `credential:<id>`) must be the same when it is opened. */
  seal(text: string, belongsTo: string): string {
    const [{ id, key }] = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(belongsTo));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const parts = [nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'));
    return [VERSION, id, ...parts].join('.');
  }

  /** Throws `UnreadableSecret` when the key is missing or the text was changed or moved. */
  open(sealed: string, belongsTo: string): string {
    const [version, id, nonce = '', tag = '', body = ''] = sealed.split('.');
    const key = this.keys.find((candidate) => candidate.id === id)?.key;
    if (version !== VERSION || !key) {
      throw new UnreadableSecret(
        `Sealed with the key "${id}", which DIAKEN_ENCRYPTION_KEYS does not have.`,
      );
    }
    try {
      const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, 'base64url'))
        .setAAD(Buffer.from(belongsTo))
        .setAuthTag(Buffer.from(tag, 'base64url'));
      return (
        decipher.update(Buffer.from(body, 'base64url'), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch (error) {
      const message = `The key "${id}" does not open it: the key differs, or the text was changed.`;
      throw new UnreadableSecret(message, { cause: error });
    }
  }
}
