import * as z from 'zod';
import { pageOf } from '../paging/page';
import { Holder } from '../problems/problem';
import { secretText, WRITE_ONLY } from './secret-text';
import { WinrmSettings } from './winrm-settings';

/** What a credential can be. Stored, so never renamed. */
export const CREDENTIAL_KINDS = [
  'ssh-key',
  'ssh-password',
  'winrm',
  'vault-password',
  'tls-file',
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Kinds that log in to a guest over SSH. */
export const SSH_KINDS: readonly CredentialKind[] = ['ssh-key', 'ssh-password'];

/** Kinds that log in to a guest. */
export const LOGIN_KINDS: readonly CredentialKind[] = [...SSH_KINDS, 'winrm'];

const name = z.string().trim().min(1).max(100);
const username = z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, {
  error: 'must be a user name of the guest, such as root',
});
const windowsUser = z.string().regex(/^[^\s"/[\]:;|=,+*?<>]{1,200}$/, {
  error: String.raw`must be a Windows user: Administrator, user@EXAMPLE.NET or EXAMPLE\user`,
});
const password = secretText();
const becomePassword = secretText('Password for sudo, where the guest asks for one.').optional();
const passphrase = secretText('Opens the private key, where it is protected.').optional();
const privateKey = z
  .string()
  .max(20_000)
  .transform(tidy)
  .pipe(
    z.string().regex(/^(-----BEGIN [A-Z ]*PRIVATE KEY-----|PuTTY-User-Key-File-\d:)/, {
      error: 'must be a private key in OpenSSH, PEM or PuTTY form, from its first line on',
    }),
  )
  .meta({ ...WRITE_ONLY, description: 'Write-only.' });
const certificate = z
  .string()
  .max(200_000)
  .transform(tidy)
  .pipe(
    z.string().startsWith('-----BEGIN CERTIFICATE-----', {
      error: 'must be one or more certificates in PEM form, from the BEGIN line on',
    }),
  )
  .meta({ description: 'In PEM form: the certificate, then those of its authorities.' });
const winrm = WinrmSettings.prefault({});

const SSH_KEY = z.strictObject({ name, kind: z.literal('ssh-key'), username });
const SSH_PASSWORD = z.strictObject({ name, kind: z.literal('ssh-password'), username });
const WINRM = z.strictObject({ name, kind: z.literal('winrm'), username: windowsUser, winrm });
const VAULT_PASSWORD = z.strictObject({ name, kind: z.literal('vault-password') });
const TLS_FILE = z.strictObject({ name, kind: z.literal('tls-file') });

/** What everybody may see of a credential and that is not read from its secrets. */
export const CredentialSettings = z.discriminatedUnion('kind', [
  SSH_KEY,
  SSH_PASSWORD,
  WINRM,
  VAULT_PASSWORD,
  TLS_FILE,
]);

/** What `POST /credentials` takes. Secrets are write-only. */
export const CredentialInput = z
  .discriminatedUnion('kind', [
    SSH_KEY.extend({ privateKey, passphrase, becomePassword }),
    SSH_PASSWORD.extend({ password, becomePassword }),
    WINRM.extend({ password }),
    VAULT_PASSWORD.extend({ password }),
    TLS_FILE.extend({ certificate, privateKey: privateKey.optional(), passphrase }),
  ])
  .meta({ id: 'CredentialInput' });
export type CredentialInput = z.infer<typeof CredentialInput>;

/**
 * What `PATCH /credentials/:id` takes: only what changes. The secrets of a credential, and the certificate of a
 * `tls-file`, are replaced together: they cannot be read back to be completed.
 */
export const CredentialChange = z
  .strictObject({
    ...{ name, username: z.union([username, windowsUser]), winrm: WinrmSettings },
    ...{ privateKey, passphrase, becomePassword, password, certificate },
  })
  .partial()
  .meta({ id: 'CredentialChange' });
export type CredentialChange = z.infer<typeof CredentialChange>;

/** What a certificate says of itself. */
export const CertificateView = z.object({
  subject: z.string(),
  issuer: z.string(),
  expiresAt: z.iso
    .datetime()
    .meta({ description: 'Of the first to expire, where there are more.' }),
  hasPrivateKey: z.boolean(),
});
export type CertificateView = z.infer<typeof CertificateView>;

/** A credential as the API shows it: never its secrets. */
export const CredentialView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(CREDENTIAL_KINDS),
    username: z.string().nullable().meta({ description: 'Where the kind has a user.' }),
    fingerprint: z
      .string()
      .nullable()
      .meta({ description: 'SHA256 fingerprint of the public key, or of the certificate.' }),
    hasBecomePassword: z.boolean(),
    winrm: z.object(WinrmSettings.out.shape).nullable(),
    certificate: CertificateView.nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Credential' });
export type CredentialView = z.infer<typeof CredentialView>;

export const CredentialPage = pageOf(CredentialView).meta({ id: 'CredentialPage' });

/** Who needs a credential: hosts, blueprints, and runs that have not ended. */
export const CredentialUsage = z.object({ items: z.array(Holder) }).meta({ id: 'CredentialUsage' });
export type CredentialUsage = z.infer<typeof CredentialUsage>;

/** Line ends and blanks that editors and mail programs leave. */
function tidy(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  return `${lines.join('\n').trim()}\n`;
}
