import { type PlayHost, ProvisioningFailure } from '@diaken/provisioning';
import { type GuestCredential, isWinrm, type WinrmCredential } from './credential-directory';

/** A host of a play, and the credential that logs in to it. */
export interface HostCredential {
  readonly host: PlayHost;
  readonly credential: GuestCredential;
}

/** What the inventory says of a host that is reached over WinRM. The password is not among it. */
export function winrmVariables({ winrm }: WinrmCredential): Record<string, unknown> {
  const { transport, scheme, port, validateCertificate } = winrm;
  return {
    ansible_connection: 'winrm',
    ansible_shell_type: 'powershell',
    ansible_port: port,
    ansible_winrm_scheme: scheme,
    ansible_winrm_transport: transport,
    ansible_winrm_server_cert_validation: validateCertificate ? 'validate' : 'ignore',
  };
}

/**
 * The password that Ansible gives to WinRM; undefined when no host is reached that way. Ansible takes one for a play, and
 * would give it to SSH, too. Throws `playbook-not-started`.
 */
export function winrmPassword(hosts: readonly HostCredential[]): string | undefined {
  const [first, ...others] = hosts.filter(({ credential }) => isWinrm(credential));
  if (!first || !isWinrm(first.credential)) {
    return undefined;
  }
  const { password } = first.credential;
  const overSsh = hosts.find(({ credential }) => !isWinrm(credential));
  if (overSsh) {
    throw notTogether(
      `${first.host.name} is reached over WinRM, and ${overSsh.host.name} over SSH; a playbook runs over one of them.`,
    );
  }
  const other = others.find(({ credential }) => credential.password !== password);
  if (other) {
    throw notTogether(
      `${first.host.name} and ${other.host.name} have different WinRM passwords; a playbook runs with one.`,
    );
  }
  return password;
}

function notTogether(cause: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'playbook-not-started',
    cause,
    remedy: 'Run the playbook once for the hosts of each credential.',
  });
}
