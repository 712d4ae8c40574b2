import type { SecretBox } from '@diaken/runtime';
import * as z from 'zod';
import type { CredentialEntity } from '../entities/catalog.entity';
import { placeOf } from '../secrets/sealed-columns';

/** The secret fields of a credential; which of them there are, its kind says. */
const CredentialSecrets = z.object({
  privateKey: z.string().optional(),
  passphrase: z.string().optional(),
  password: z.string().optional(),
  becomePassword: z.string().optional(),
  certificate: z.string().optional(),
});
export type CredentialSecrets = z.infer<typeof CredentialSecrets>;

/** Seals the secrets of the credential that has, or will have, this id. */
export function sealCredential(box: SecretBox, id: string, secrets: CredentialSecrets): string {
  return box.seal(JSON.stringify(secrets), placeOf('credential', id));
}

/** Opens the secrets of a credential. Throws `UnreadableSecret`. */
export function openCredential(
  box: SecretBox,
  { id, sealedSecrets }: Pick<CredentialEntity, 'id' | 'sealedSecrets'>,
): CredentialSecrets {
  return CredentialSecrets.parse(JSON.parse(box.open(sealedSecrets, placeOf('credential', id))));
}
