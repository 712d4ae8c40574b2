import {
  type GuestIdentity,
  type GuestLogin,
  GuestShell,
  type GuestTarget,
  ProvisioningFailure,
} from '@diaken/provisioning';
import { type CredentialDirectory, isWinrm, type WinrmCredential } from './credential-directory';
import { WHO_IS_THERE, whoIsThere } from './windows-questions';
import type { WinrmLogin } from './winrm-login';

/** Logs in to guests as their credential says: over SSH, or over WinRM. */
export class GuestLogins extends GuestShell {
  constructor(
    private readonly credentials: CredentialDirectory,
    private readonly ssh: GuestShell,
    private readonly winrm: WinrmLogin,
  ) {
    super();
  }

  override tryCredential(credentialId: string): Promise<void> {
    return this.ssh.tryCredential(credentialId);
  }

  override loginOf(credentialId: string): Promise<GuestLogin> {
    return this.ssh.loginOf(credentialId);
  }

  override isListening(address: string, port: number, signal: AbortSignal): Promise<boolean> {
    return this.ssh.isListening(address, port, signal);
  }

  override async identify(target: GuestTarget, signal: AbortSignal): Promise<GuestIdentity> {
    const credential = await this.credentials.open(target.credentialId);
    return isWinrm(credential)
      ? this.identifyWindows(target, credential, signal)
      : this.ssh.identify(target, signal);
  }

  private async identifyWindows(
    { address, hostKey }: GuestTarget,
    credential: WinrmCredential,
    signal: AbortSignal,
  ): Promise<GuestIdentity> {
    const target = { address, pinned: pinnedIn(hostKey) };
    const { stdout, certificate } = await this.winrm.run(target, credential, WHO_IS_THERE, signal);
    const said = whoIsThere(stdout);
    if (!said) {
      throw new ProvisioningFailure({
        code: 'guest-unreachable',
        cause: `${address} did not say over WinRM who it is.`,
        remedy: 'See that it is a Windows machine, and that the user may ask for its CIM classes.',
        transient: true,
      });
    }
    return { hostKey: hostKeyOf(certificate), ...said };
  }
}

const PINNED = 'x509-sha256 ';

/** A certificate in the form of a host key. Without one there is nothing to pin: it is validated, or http. */
function hostKeyOf(certificate: string | null): string {
  return certificate === null ? 'x509-none -' : `${PINNED}${certificate}`;
}

function pinnedIn(hostKey: string | undefined): string | null {
  return hostKey?.startsWith(PINNED) ? hostKey.slice(PINNED.length) : null;
}
