import { createHash, randomBytes } from 'node:crypto';

/** Bytes of a session or API token: more than anybody can guess. */
const TOKEN_BYTES = 32;

/** A new token; only its hash is stored. */
export function newToken(prefix: string): string {
  return `${prefix}_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
}

/** What is stored of a token. It is random, so a plain hash is enough. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
