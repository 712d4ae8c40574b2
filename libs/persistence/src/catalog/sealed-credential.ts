import type { SecretBox } from '@diaken/runtime';
import * as z from 'zod';
import type { CredentialEntity } from '../entities/catalog.entity';

/** The secret fields of a credential. */
const CredentialSecrets = z.object({
  privateKey: z.string(),
  passphrase: z.string().optional(),
  becomePassword: z.string().optional(),
});
export type CredentialSecrets = z.infer<typeof CredentialSecrets>;

const placeOf = (id: string) => `credential:${id}`;

/** Seals the secrets of the credential that has, or will have, this id. */
export function sealCredential(box: SecretBox, id: string, secrets: CredentialSecrets): string {
  return box.seal(JSON.stringify(secrets), placeOf(id));
}

/** Opens the secrets of a credential. Throws `UnreadableSecret`. */
export function openCredential(
  box: SecretBox,
  { id, sealedSecrets }: CredentialEntity,
): CredentialSecrets {
  return CredentialSecrets.parse(JSON.parse(box.open(sealedSecrets, placeOf(id))));
}
