import { type CredentialChange, CredentialInput, CredentialSettings } from '@diaken/contracts';
import type { CredentialEntity } from '@diaken/persistence';
import { invalid } from '../http/refusal';
import { checked } from '../http/checked';
import { columnsOf, type CredentialColumns } from './credential-columns';

/** What the secrets of each kind cannot do without. */
const REQUIRED = {
  'ssh-key': 'privateKey',
  'ssh-password': 'password',
  winrm: 'password',
  'vault-password': 'password',
  'tls-file': 'certificate',
} as const;

const REPLACED_TOGETHER = [
  ...['privateKey', 'passphrase', 'becomePassword', 'password', 'certificate'],
] as const;

/**
 * What a change makes of a credential. With any secret in it, all are replaced, and what it says is checked as for a new
 * credential; `secrets` is undefined where they stay. Throws a refusal that names the fields.
 */
export async function changedCredential(
  stored: CredentialEntity,
  change: CredentialChange,
): Promise<Partial<CredentialColumns>> {
  const { kind, name, username, winrm } = stored;
  const settings = { ...(username !== null && { username }), ...(winrm !== null && { winrm }) };
  const whole = { name, kind, ...settings, ...change };
  if (REPLACED_TOGETHER.some((field) => field in change)) {
    requireWhole(kind, change);
    return columnsOf(await checked(CredentialInput, whole));
  }
  return checked(CredentialSettings, whole);
}

function requireWhole(kind: keyof typeof REQUIRED, change: CredentialChange): void {
  const path = REQUIRED[kind];
  if (change[path] === undefined) {
    const message = 'must be sent again: secrets are replaced together, and cannot be read back';
    throw invalid([{ path, message }]);
  }
}
