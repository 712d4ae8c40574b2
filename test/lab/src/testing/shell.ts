import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A key pair and the ssh client, in a folder of their own. */
export class SshClient {
  readonly publicKey: string;
  private readonly folder: string;
  private readonly port: number;

  private constructor(folder: string, publicKey: string, port: number) {
    this.folder = folder;
    this.publicKey = publicKey;
    this.port = port;
  }

  static async make(port: number): Promise<SshClient> {
    const folder = await mkdtemp(join(tmpdir(), 'lab-ssh-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    return new SshClient(folder, await readFile(join(folder, 'key.pub'), 'utf8'), port);
  }

  /** Runs a command as root; code 255 is a failure of SSH itself. */
  run(address: string, command: string): Promise<Outcome> {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
    options.push('BatchMode=yes', 'ConnectTimeout=20', 'IdentitiesOnly=yes');
    const given = options.flatMap((option) => ['-o', option]);
    return execute('ssh', [
      '-F',
      '/dev/null',
      '-i',
      join(this.folder, 'key'),
      '-p',
      String(this.port),
      ...given,
      `root@${address}`,
      command,
    ]);
  }

  /** What a command prints; throws when it fails. */
  async read(address: string, command: string): Promise<string> {
    const { code, output } = await this.run(address, command);
    if (code !== 0) {
      throw new Error(`${address}: ${command}: exit code ${code}: ${output}`);
    }
    return output.trim();
  }

  async hostKey(address: string): Promise<string> {
    const { output } = await execute('ssh-keyscan', [
      '-p',
      String(this.port),
      '-t',
      'ed25519',
      address,
    ]);
    return /ssh-ed25519 (\S+)/.exec(output)?.[1] ?? '';
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function execute(file: string, parameters: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, parameters, { timeout: 60_000 }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}

export function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 2_000 });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('data', () => end(true)); // the banner
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** Waits until a condition holds; what failed last is the cause when it never does. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < end) {
    try {
      const result = await condition();
      if (result !== undefined && result !== false) {
        return result;
      }
    } catch (error) {
      cause = error; // not yet: tried again until the time is over
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`, { cause });
}
