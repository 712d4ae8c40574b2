import { CredentialDirectory, type SshCredential } from '@diaken/ansible';
import { CredentialEntity, type CredentialSecrets, openCredential } from '@diaken/persistence';
import { ProvisioningFailure } from '@diaken/provisioning';
import { type SecretBox, UnreadableSecret } from '@diaken/runtime';
import type { DataSource } from 'typeorm';
import { unreadable } from './stored-vcenter-directory';

/** The credentials that users have stored. */
export class StoredCredentialDirectory extends CredentialDirectory {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {
    super();
  }

  override async open(credentialId: string): Promise<SshCredential> {
    const credential = await this.database.manager.findOneBy(CredentialEntity, {
      id: credentialId,
    });
    if (!credential) {
      throw new ProvisioningFailure({
        code: 'credential-missing',
        cause: `The credential ${credentialId} is not stored any more.`,
        remedy: 'Store it again, and ask for a new machine with it.',
      });
    }
    return loginOf(credential, this.secretsOf(credential));
  }

  private secretsOf(credential: CredentialEntity) {
    try {
      return openCredential(this.box, credential);
    } catch (error) {
      throw error instanceof UnreadableSecret
        ? unreadable(`secrets of the credential ${credential.name}`, error)
        : error;
    }
  }
}

function loginOf(
  { name, kind, username }: CredentialEntity,
  { privateKey, passphrase, password, becomePassword }: CredentialSecrets,
): SshCredential {
  const login = {
    username: username ?? '',
    ...(becomePassword !== undefined && { becomePassword }),
  };
  if (kind === 'ssh-key' && privateKey !== undefined) {
    return { ...login, privateKey, ...(passphrase !== undefined && { passphrase }) };
  }
  if (kind === 'ssh-password' && password !== undefined) {
    return { ...login, password };
  }
  throw new ProvisioningFailure({
    code: 'credential-missing',
    cause: `The credential ${name} is of the kind ${kind}: nobody can log in over SSH with it.`,
    remedy: 'Resume the run with an SSH key or an SSH password.',
  });
}
