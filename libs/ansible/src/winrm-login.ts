import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ProvisioningFailure } from '@diaken/provisioning';
import * as z from 'zod';
import type { WinrmCredential } from './credential-directory';
import { cleanEnvironment } from './supervisor';

/** Where to find what speaks WinRM, and how patient to be. */
export interface WinrmLoginOptions {
  /** Folder that holds `python/`, absolute. */
  readonly assetsFolder: string;
  /** Python that has pywinrm. Default: `/usr/bin/python3`. */
  readonly python?: string;
  /** How long one login with its script may take, seconds. Default: 30. */
  readonly seconds?: number;
}

const Answer = z.union([
  z.object({ stdout: z.string(), certificate: z.string().nullable() }),
  z.object({
    kind: z.enum(['refused', 'certificate', 'changed', 'unreachable', 'failed', 'missing']),
    error: z.string(),
  }),
]);
type Refusal = Exclude<z.infer<typeof Answer>, WinrmAnswer>;

/** What a script printed, and whom the guest proved to be. */
export interface WinrmAnswer {
  readonly stdout: string;
  /** SHA-256 of its certificate, hexadecimal; null: an authority vouches for it, or it has none (http). */
  readonly certificate: string | null;
}

/** Where to log in, and which certificate is pinned there, if any. */
export interface WinrmTarget {
  readonly address: string;
  readonly pinned: string | null;
}

/** Seconds that Python, and giving up, take besides the guest. */
const MORE_SECONDS = 10;

/** Runs PowerShell on Windows guests over WinRM, by pywinrm: a process for each login, told all through a pipe. */
export class WinrmLogin {
  private readonly python: string;
  private readonly script: string;
  private readonly seconds: number;

  constructor({ assetsFolder, python = '/usr/bin/python3', seconds = 30 }: WinrmLoginOptions) {
    this.python = python;
    this.script = join(assetsFolder, 'python/winrm_ask.py');
    this.seconds = seconds;
  }

  /**
   * What the script prints. Throws `ProvisioningFailure`: `guest-unreachable` (transient), `guest-login-refused` (final:
   * a wrong password, tried again and again, locks the user out), `host-key-changed` (final: no password was sent).
   */
  async run(
    { address, pinned }: WinrmTarget,
    { username, password, winrm }: WinrmCredential,
    script: string,
    signal: AbortSignal,
  ): Promise<WinrmAnswer> {
    signal.throwIfAborted();
    const { scheme, port, transport, validateCertificate: validate } = winrm;
    const order = { address, scheme, port, transport, validate, pinned, seconds: this.seconds };
    const answer = await this.ask({ ...order, username, password, script }, signal);
    if ('stdout' in answer) {
      return answer;
    }
    throw failureOf(answer, `${scheme}://${address}:${port}`, username);
  }

  private async ask(order: object, signal: AbortSignal): Promise<z.infer<typeof Answer>> {
    const tooLate = AbortSignal.timeout((this.seconds + MORE_SECONDS) * 1_000);
    const child = spawn(this.python, ['-I', '-B', this.script], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: cleanEnvironment(),
      cwd: '/',
      signal: AbortSignal.any([signal, tooLate]),
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => undefined); // it may end before it has read all
    child.stdin.end(JSON.stringify(order));
    try {
      const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
      return Answer.parse(JSON.parse(output));
    } catch (error) {
      signal.throwIfAborted();
      return tooLate.aborted ? { kind: 'unreachable', error: 'no answer in time' } : thrown(error);
    }
  }
}

/** What is no answer of the guest is a bug of ours, or a Python that does not start. */
function thrown(cause: unknown): never {
  throw new Error('winrm_ask.py did not answer.', { cause });
}

function failureOf({ kind, error }: Refusal, place: string, username: string): ProvisioningFailure {
  const known = {
    refused: {
      code: 'guest-login-refused',
      cause: `${place} refuses the password of user "${username}".`,
      remedy: `Put the password of "${username}" right in the credential, and see that WinRM allows its transport.`,
    },
    certificate: {
      code: 'guest-unreachable',
      cause: `${place} has a certificate that this worker does not trust: ${error}.`,
      remedy:
        'Give the guest a certificate of an authority that the worker trusts, for this address; or switch validateCertificate off in the credential.',
    },
    changed: {
      code: 'host-key-changed',
      cause: `${place} is another machine than before: ${error}. User "${username}" did not log in.`,
      remedy:
        'When it was reinstalled or got a new certificate, forget its host key and try again. Otherwise find out which machine answers there.',
    },
    missing: {
      code: 'guest-unreachable',
      cause: `This worker cannot speak WinRM: ${error}.`,
      remedy: 'Install python3-winrm on the worker (for kerberos also python3-requests-kerberos).',
    },
    failed: {
      code: 'guest-unreachable',
      cause: `${place} did not do what it was asked over WinRM: ${error}.`,
      remedy: 'See that WinRM is configured on the guest, and PowerShell works there.',
      transient: true,
    },
    unreachable: {
      code: 'guest-unreachable',
      cause: `${place} does not answer WinRM as user "${username}": ${error}.`,
      remedy: 'See that the machine runs, has this address, and that no firewall is in between.',
      transient: true,
    },
  } as const;
  return new ProvisioningFailure(known[kind]);
}
