import type { WinrmSettings } from '@diaken/contracts';

/** A login on guests. Lives in memory only. */
export type GuestCredential = SshCredential | WinrmCredential;

/** A login on guests over SSH: with a private key, or with a password. Lives in memory only. */
export type SshCredential = SshLogin & (KeyProof | PasswordProof);

interface SshLogin {
  readonly username: string;
  /** What sudo asks for, where it asks. */
  readonly becomePassword?: string;
}

interface KeyProof {
  /** OpenSSH or PEM form. */
  readonly privateKey: string;
  readonly passphrase?: string;
  readonly password?: never;
}

interface PasswordProof {
  readonly password: string;
  readonly privateKey?: never;
  readonly passphrase?: never;
}

/** A login with a private key. */
export type SshKeyCredential = SshLogin & KeyProof;

/** A login on Windows guests over WinRM. */
export interface WinrmCredential {
  readonly username: string;
  readonly password: string;
  readonly winrm: WinrmSettings;
}

/** Whether the login is over WinRM. */
export function isWinrm(credential: GuestCredential): credential is WinrmCredential {
  return 'winrm' in credential;
}

/** Whether the login is with a private key. */
export function hasKey(credential: SshCredential): credential is SshKeyCredential {
  return credential.privateKey !== undefined;
}

/** Opens the credentials that hosts refer to. */
export abstract class CredentialDirectory {
  /** Throws `ProvisioningFailure`: `credential-missing`, or what else keeps it from opening. */
  abstract open(credentialId: string): Promise<GuestCredential>;
}
