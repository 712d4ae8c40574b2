import { type CredentialDirectory, isWinrm } from '@diaken/ansible';
import { ProvisioningFailure } from '@diaken/provisioning';
import { type GuestPassword, GuestPasswords } from '@diaken/vcenter';

/** The passwords of the credentials of the kind winrm: what a Windows guest is given is what it is logged in to with. */
export class StoredGuestPasswords extends GuestPasswords {
  constructor(private readonly credentials: CredentialDirectory) {
    super();
  }

  override async open(credentialId: string): Promise<GuestPassword> {
    const credential = await this.credentials.open(credentialId);
    if (!isWinrm(credential)) {
      throw new ProvisioningFailure({
        code: 'credential-missing',
        cause: `The credential of the user "${credential.username}" is for SSH; a Windows machine needs one of the kind winrm.`,
        remedy: 'Resume the run with a credential of the kind winrm.',
      });
    }
    return { username: credential.username, password: credential.password };
  }
}
