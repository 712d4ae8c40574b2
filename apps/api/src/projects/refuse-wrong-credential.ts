import type { CredentialEntity } from '@diaken/persistence';
import { invalid } from '../http/refusal';

/** Throws unless the credential is there and of a kind that gets into such a server. */
export function refuseWrongCredential(
  url: string,
  id: string | null,
  credential: Pick<CredentialEntity, 'kind'> | null | undefined,
): void {
  const problem = whyWrong(url, id, credential);
  if (problem !== undefined) {
    throw invalid([{ path: 'credentialId', message: problem }]);
  }
}

function whyWrong(
  url: string,
  id: string | null,
  credential: Pick<CredentialEntity, 'kind'> | null | undefined,
): string | undefined {
  if (credential === null) {
    return `no credential has the id ${id}`;
  }
  const isSsh = url.startsWith('ssh:');
  if (isSsh && credential?.kind !== 'ssh-key') {
    return 'must be an ssh-key credential: that is what gets into a Git server over SSH';
  }
  if (!isSsh && credential !== undefined && credential.kind !== 'ssh-password') {
    return 'must be an ssh-password credential: its user and password, or token, are what HTTPS asks for';
  }
  return undefined;
}
