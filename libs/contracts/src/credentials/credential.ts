import * as z from 'zod';
import { pageOf } from '../paging/page';

/** What `POST /credentials` takes: a user and a private key. Secrets are write-only. */
export const CredentialInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    kind: z.literal('ssh-key'),
    username: z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, {
      error: 'must be a user name of the guest, such as root',
    }),
    privateKey: z
      .string()
      .max(20_000)
      .regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\s/, {
        error: 'must be a private key in OpenSSH or PEM form, from its BEGIN line on',
      })
      .transform((key) => `${key.replaceAll('\r\n', '\n').trim()}\n`)
      .meta({ description: 'Write-only.' }),
    passphrase: z.string().min(1).max(1_000).optional().meta({ description: 'Write-only.' }),
    becomePassword: z.string().min(1).max(1_000).optional().meta({
      description: 'Password for sudo, where the guest asks for one. Write-only.',
    }),
  })
  .meta({ id: 'CredentialInput' });
export type CredentialInput = z.infer<typeof CredentialInput>;

/** A credential as the API shows it: never its secrets. */
export const CredentialView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.literal('ssh-key'),
    username: z.string(),
    fingerprint: z.string().meta({ description: 'SHA256 fingerprint of the public key.' }),
    hasBecomePassword: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Credential' });
export type CredentialView = z.infer<typeof CredentialView>;

export const CredentialPage = pageOf(CredentialView).meta({ id: 'CredentialPage' });
