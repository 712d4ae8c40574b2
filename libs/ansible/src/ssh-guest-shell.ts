import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import {
  GuestShell,
  ProvisioningFailure,
  type GuestIdentity,
  type GuestLogin,
  type GuestTarget,
} from '@diaken/provisioning';
import { NodeSSH, type Config } from 'node-ssh';
import {
  type CredentialDirectory,
  type GuestCredential,
  hasKey,
  isWinrm,
  type SshCredential,
} from './credential-directory';
import { answers, questions } from './guest-questions';
import { ANY_HOST_KEY, HostKey } from './host-key';
import { hostKeyChanged, loginFailure, type LoginPlace } from './login-failure';
import { openKey } from './open-ssh-key';

/** A silent guest is given up after this many unanswered probes… */
const KEEPALIVE_COUNT = 3;
/** …that are this far apart, milliseconds. */
const KEEPALIVE_MS = 2_000;
/** How much of a guest's answer is read, characters. */
const LONGEST_ANSWER = 1024 * 1024;

/** How patient to be. */
export interface SshGuestShellOptions {
  /** How long connecting and logging in may take, milliseconds. Default: 10 s. */
  readonly connectTimeoutMs?: number;
  /** How long the guest may take to answer once logged in, milliseconds. Default: 20 s. */
  readonly answerTimeoutMs?: number;
}

/** What one login goes by, and what it finds out. */
interface Visit extends LoginPlace {
  readonly credential: SshCredential;
  readonly pinned: HostKey | undefined;
  shown: HostKey | undefined;
}

/** Reaches guests over TCP, and logs in to them with SSH. */
export class SshGuestShell extends GuestShell {
  private readonly connectMs: number;
  private readonly answerMs: number;

  constructor(
    private readonly credentials: CredentialDirectory,
    { connectTimeoutMs = 10_000, answerTimeoutMs = 20_000 }: SshGuestShellOptions = {},
  ) {
    super();
    this.connectMs = connectTimeoutMs;
    this.answerMs = answerTimeoutMs;
  }

  override async tryCredential(credentialId: string): Promise<void> {
    const credential = await this.credentials.open(credentialId);
    if (!isWinrm(credential) && hasKey(credential)) {
      openKey(credential);
    }
  }

  /** Besides what the port says: `credential-missing`, `secret-unreadable`. */
  async identify(target: GuestTarget, signal: AbortSignal): Promise<GuestIdentity> {
    signal.throwIfAborted();
    const credential = requireSsh(await this.credentials.open(target.credentialId));
    const pinned = target.hostKey === undefined ? undefined : HostKey.ofText(target.hostKey);
    const { username } = credential;
    const proof = hasKey(credential) ? 'key' : 'password';
    const visit: Visit = { target, username, proof, credential, pinned, shown: undefined };
    const ssh = new NodeSSH();
    const tooLate = AbortSignal.timeout(this.connectMs + this.answerMs);
    try {
      return await unlessAborted(this.visit(ssh, visit), AbortSignal.any([signal, tooLate]));
    } catch (error) {
      signal.throwIfAborted();
      throw this.failure(error, visit);
    } finally {
      ssh.connection?.destroy();
    }
  }

  async loginOf(credentialId: string): Promise<GuestLogin> {
    const credential = requireSsh(await this.credentials.open(credentialId));
    return {
      username: credential.username,
      publicKey: hasKey(credential) ? openKey(credential).publicKey : null,
      asksPassword: credential.becomePassword !== undefined,
    };
  }

  async isListening(address: string, port: number, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const socket = connect({ host: address, port, timeout: this.connectMs });
    const stop = (): unknown => socket.destroy(); // which says `close`
    signal.addEventListener('abort', stop, { once: true });
    socket.once('timeout', stop);
    socket.once('error', stop);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
    const isListening = await promise;
    socket.destroy();
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    return isListening;
  }

  private async visit(ssh: NodeSSH, visit: Visit): Promise<GuestIdentity> {
    const connecting = ssh.connect(this.configuration(visit));
    ssh.connection?.on('error', () => undefined); // a lost connection ends the command; unheard, it would end the worker
    await connecting;
    const mark = `@${randomBytes(12).toString('hex')}`;
    const { stdout } = await ssh.execCommand(questions(mark), {
      stdin: `${visit.credential.becomePassword ?? ''}\n`,
      onStdout: atMost(LONGEST_ANSWER, () => ssh.connection?.destroy()),
    });
    const identity = answers(stdout, mark);
    if (!identity || !visit.shown) {
      throw new Error('the connection was lost before it said who it is');
    }
    return { hostKey: visit.shown.toString(), ...identity };
  }

  private configuration(visit: Visit): Config {
    const { target, credential, pinned } = visit;
    return {
      host: target.address,
      port: target.port,
      username: credential.username,
      ...(hasKey(credential)
        ? { privateKey: openKey(credential).privateKey }
        : { password: credential.password, tryKeyboard: true }),
      readyTimeout: this.connectMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      algorithms: { serverHostKey: pinned?.algorithms ?? ANY_HOST_KEY },
      hostVerifier: (bytes: Buffer): boolean => {
        visit.shown = HostKey.ofBytes(bytes);
        return whyRefused(visit) === undefined;
      },
    };
  }

  private failure(error: unknown, visit: Visit): ProvisioningFailure {
    const refused = whyRefused(visit);
    if (error instanceof ProvisioningFailure) {
      return error;
    }
    return refused !== undefined && visit.shown
      ? hostKeyChanged(visit, refused, visit.shown)
      : loginFailure(error, visit);
  }
}

function requireSsh(credential: GuestCredential): SshCredential {
  if (isWinrm(credential)) {
    throw new ProvisioningFailure({
      code: 'credential-missing',
      cause: `The credential of the user "${credential.username}" is for WinRM: nobody can log in over SSH with it.`,
      remedy: 'Resume the run with an SSH key or an SSH password.',
    });
  }
  return credential;
}

/** What was expected instead of the key that was shown; undefined when that is the right one. */
function whyRefused({ pinned, shown, target }: Visit): string | undefined {
  const { hostKeyFingerprint: expected } = target;
  if (shown && pinned && !pinned.equals(shown)) {
    return `${pinned.fingerprint} (${pinned.type}) is pinned`;
  }
  return shown && expected !== undefined && shown.fingerprint !== expected
    ? `${expected} is expected`
    : undefined;
}

/** The work, or the signal's reason as soon as it aborts. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  work.catch(() => undefined); // when it loses the race, nobody else hears it
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function atMost(characters: number, onMore: () => void): (chunk: Buffer) => void {
  let left = characters;
  return (chunk) => {
    left -= chunk.length;
    if (left < 0) {
      onMore();
    }
  };
}
