import { createHash } from 'node:crypto';

/** Where and as whom to log in to a guest. */
export interface GuestTarget {
  readonly address: string;
  readonly port: number;
  readonly credentialId: string;
  /** The pinned host key (`ssh-ed25519 AAAA…`); undefined only at first sight. */
  readonly hostKey?: string;
  /** Of the key that it must have, where that is all that is known of it: `SHA256:…`. */
  readonly hostKeyFingerprint?: string;
}

/** What a guest has to know to let a credential in. Nothing of it is secret. */
export interface GuestLogin {
  readonly username: string;
  /** Type and base64; null: it logs in with a password. */
  readonly publicKey: string | null;
  /** Whether the credential has a password for sudo. */
  readonly asksPassword: boolean;
}

/** What a guest says of itself. */
export interface GuestIdentity {
  /** Host key that it proved to have: type and base64. */
  readonly hostKey: string;
  readonly hostName: string;
  /** DMI product UUID, lower case; null when the login may not read it. */
  readonly productUuid: string | null;
  /** IPv4 addresses of its interfaces; empty when it has no `ip` command. */
  readonly addresses: readonly string[];
  /** IPv4 default gateway; null when it has none or no `ip` command. */
  readonly gateway: string | null;
}

/** Guests over the network: whether they listen, and a login on them. */
export abstract class GuestShell {
  /**
   * Opens a credential as a login would, and logs in nowhere. Throws `ProvisioningFailure`: `credential-missing`,
   * `secret-unreadable`.
   */
  abstract tryCredential(credentialId: string): Promise<void>;

  /**
   * Logs in once and asks who is there. Throws `ProvisioningFailure`: `guest-unreachable` (transient),
   * `guest-login-refused` (transient for keys, which arrive late on some templates, final for passwords),
   * `host-key-changed` (final).
   */
  abstract identify(target: GuestTarget, signal: AbortSignal): Promise<GuestIdentity>;

  /** Who the credential logs in as. Throws `credential-missing`, or what else keeps it from opening. */
  abstract loginOf(credentialId: string): Promise<GuestLogin>;

  /** Whether something takes TCP connections there now. */
  abstract isListening(address: string, port: number, signal: AbortSignal): Promise<boolean>;
}

/** The fingerprint of a host key (type and base64), as `ssh-keygen -l` prints it. */
export function fingerprintOf(hostKey: string): string {
  const [, encoded = ''] = hostKey.trim().split(/\s+/);
  const digest = createHash('sha256').update(Buffer.from(encoded, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
