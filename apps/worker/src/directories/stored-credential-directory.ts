import { CredentialDirectory, type GuestCredential } from '@diaken/ansible';
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

  override async open(credentialId: string): Promise<GuestCredential> {
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

function loginOf(credential: CredentialEntity, secrets: CredentialSecrets): GuestCredential {
  const { kind, winrm } = credential;
  const { password } = secrets;
  const username = credential.username ?? '';
  if (kind === 'winrm' && winrm && password !== undefined) {
    return { username, password, winrm };
  }
  return sshLoginOf(credential, username, secrets);
}

function sshLoginOf(
  { name, kind }: CredentialEntity,
  username: string,
  { privateKey, passphrase, password, becomePassword }: CredentialSecrets,
): GuestCredential {
  const login = { username, ...(becomePassword !== undefined && { becomePassword }) };
  if (kind === 'ssh-key' && privateKey !== undefined) {
    return { ...login, privateKey, ...(passphrase !== undefined && { passphrase }) };
  }
  if (kind === 'ssh-password' && password !== undefined) {
    return { ...login, password };
  }
  throw new ProvisioningFailure({
    code: 'credential-missing',
    cause: `The credential ${name} is of the kind ${kind}: nobody can log in to a guest with it.`,
    remedy: 'Resume the run with an SSH key, an SSH password or a WinRM login.',
  });
}
