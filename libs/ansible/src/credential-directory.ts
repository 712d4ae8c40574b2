/** A login on guests. Lives in memory only. */
export interface SshCredential {
  readonly username: string;
  /** OpenSSH or PEM form. */
  readonly privateKey: string;
  readonly passphrase?: string;
  /** What sudo asks for, where it asks. */
  readonly becomePassword?: string;
}

/** Opens the credentials that hosts refer to. */
export abstract class CredentialDirectory {
  /** Throws `ProvisioningFailure`: `credential-missing`, or what else keeps it from opening. */
  abstract open(credentialId: string): Promise<SshCredential>;
}
