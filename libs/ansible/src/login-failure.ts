import { ProvisioningFailure, type GuestTarget } from '@diaken/provisioning';
import type { HostKey } from './host-key';

/** Where a login was tried, for what the operator reads. */
export interface LoginPlace {
  readonly target: GuestTarget;
  readonly username: string;
  /** What the login is proved by. */
  readonly proof: 'key' | 'password';
}

/** What an error of the SSH client means. */
export function loginFailure(error: unknown, login: LoginPlace): ProvisioningFailure {
  const { target, username } = login;
  const place = placeOf(target);
  const message = error instanceof Error ? error.message : String(error);
  if (levelOf(error) === 'client-authentication') {
    return loginRefused(login, error);
  }
  return new ProvisioningFailure(
    {
      code: 'guest-unreachable',
      cause: `${place} does not answer SSH as user "${username}": ${reason(error, message)}.`,
      remedy: 'See that the machine runs, has this address, and that no firewall is in between.',
      transient: true,
    },
    { cause: error },
  );
}

/** Keys arrive late on some templates. A wrong password, tried again and again, locks the user out. */
function loginRefused({ target, username, proof }: LoginPlace, cause: unknown) {
  const remedy =
    proof === 'key'
      ? `See that the template lets "${username}" log in with the public key of this credential.`
      : `Put the password of "${username}" right in the credential, and see that the guest’s sshd allows passwords.`;
  return new ProvisioningFailure(
    {
      code: 'guest-login-refused',
      cause: `${placeOf(target)} refuses the ${proof} of user "${username}".`,
      remedy,
      transient: proof === 'key',
    },
    { cause },
  );
}

/** A guest that proved to have another key than the expected one; `expected` ends a sentence. */
export function hostKeyChanged(
  { target, username }: LoginPlace,
  expected: string,
  shown: HostKey,
): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'host-key-changed',
    cause:
      `${placeOf(target)} shows the host key ${shown.fingerprint} (${shown.type}), ` +
      `but ${expected}; user "${username}" did not log in.`,
    remedy:
      'When the machine was reinstalled, have its host key read anew (POST /hosts/{id}/host-key). ' +
      'Otherwise find out which machine answers at this address.',
  });
}

function placeOf({ address, port }: GuestTarget): string {
  return `${address}:${port}`;
}

function levelOf(error: unknown): unknown {
  return error instanceof Error && 'level' in error ? error.level : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was closed',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'no answer in time',
};

function reason(error: unknown, message: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (
    levelOf(error) === 'client-timeout' ||
    (error as Error | undefined)?.name === 'TimeoutError'
  ) {
    return 'no answer in time';
  }
  return REASONS[code] ?? message.replace(/\.$/, '');
}
