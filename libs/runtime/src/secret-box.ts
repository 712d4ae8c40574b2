import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Nonce length that NIST SP 800-38D recommends for GCM, bytes. */
const NONCE_BYTES = 12;
/** A shorter tag would be taken, and be easier to forge. */
const TAG_BYTES = 16;
const VERSION = 'v2';
/** Before each secret had a key of its own. */
const OLD_VERSION = 'v1';
/** Parts after the key's id. */
const PARTS: Readonly<Record<string, number>> = { [OLD_VERSION]: 3, [VERSION]: 6 };

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
    throw new Error(
      'needs keys written as id:base64, the id of letters, digits, - and _; make one with: openssl rand -base64 32',
    );
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

/**
 * Seals secrets before they are stored, and opens them. Each is sealed with a key of its own (AES-256-GCM), which the
 * first configured key wraps: `v2.<key id>.<wrapped key>.<sealed text>`, each part as nonce, tag and cipher text.
 */
export class SecretBox {
  constructor(private readonly keys: readonly [EncryptionKey, ...EncryptionKey[]]) {}

  /** What everything begins with that the first key has sealed. */
  get prefix(): string {
    return `${VERSION}.${this.keys[0].id}.`;
  }

  /** Seals; `belongsTo` (such as `credential:<id>`) must be the same when it is opened. */
  seal(text: string, belongsTo: string): string {
    const ownKey = randomBytes(KEY_BYTES);
    const wrapped = encrypted(this.keys[0].key, ownKey, belongsTo);
    return `${this.prefix}${wrapped}.${encrypted(ownKey, Buffer.from(text), belongsTo)}`;
  }

  /** Throws `UnreadableSecret` when the key is missing or the text was changed or moved. */
  open(sealed: string, belongsTo: string): string {
    const { version, id, key, parts } = this.parse(sealed);
    try {
      const ownKey = version === OLD_VERSION ? key : decrypted(key, parts.slice(0, 3), belongsTo);
      return decrypted(ownKey, parts.slice(-3), belongsTo).toString();
    } catch (error) {
      throw unopened(id, error);
    }
  }

  /** The same secret under the first key; only its own key is opened for that. Throws `UnreadableSecret`. */
  rewrap(sealed: string, belongsTo: string): string {
    const { version, id, key, parts } = this.parse(sealed);
    if (version === OLD_VERSION) {
      return this.seal(this.open(sealed, belongsTo), belongsTo);
    }
    try {
      const ownKey = decrypted(key, parts.slice(0, 3), belongsTo);
      const wrapped = encrypted(this.keys[0].key, ownKey, belongsTo);
      return [`${this.prefix}${wrapped}`, ...parts.slice(3)].join('.');
    } catch (error) {
      throw unopened(id, error);
    }
  }

  /** Whether there is a key of this id. */
  knows(keyId: string): boolean {
    return this.keys.some(({ id }) => id === keyId);
  }

  private parse(sealed: string) {
    const [version = '', id = '', ...parts] = sealed.split('.');
    const key = this.keys.find((candidate) => candidate.id === id)?.key;
    if (PARTS[version] !== parts.length) {
      throw new UnreadableSecret('It is not in a form that this version of Diaken writes.');
    }
    if (!key) {
      throw new UnreadableSecret(
        `Sealed with the key "${id}", which DIAKEN_ENCRYPTION_KEYS does not have.`,
      );
    }
    return { version, id, key, parts };
  }
}

function unopened(id: string, cause: unknown): UnreadableSecret {
  const message = `The key "${id}" does not open it: the key differs, or the text was changed.`;
  return new UnreadableSecret(message, { cause });
}

function encrypted(key: Buffer, plain: Buffer, belongsTo: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(belongsTo));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return [nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')).join('.');
}

/** Throws when the key is another, or when a part or the place was changed. */
function decrypted(key: Buffer, parts: readonly string[], belongsTo: string): Buffer {
  const [nonce, tag, body] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (!nonce || !body || tag?.length !== TAG_BYTES) {
    throw new Error('A part is missing.');
  }
  const decipher = createDecipheriv(ALGORITHM, key, nonce)
    .setAAD(Buffer.from(belongsTo))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}
