import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A key pair made by ssh-keygen. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A plain sshd on a loopback address, run by the current user. Not a namespace: what is done there is done here. */
export interface Sshd {
  readonly address: string;
  readonly port: number;
  /** Type and base64 of its Ed25519 key. */
  readonly hostKey: string;
  readonly username: string;
  readonly process: ChildProcess;
}

/** Starts SSH servers, and ends them by process id. */
export class SshdFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'diaken-sshd-'));
  private readonly started: Sshd[] = [];
  private readonly network = `127.78.${1 + Math.floor(Math.random() * 250)}`;
  private readonly port = 20_000 + Math.floor(Math.random() * 10_000);

  /** `type`: as ssh-keygen's -t; `bits` only where the type has a choice. */
  keyPair(options: { type?: string; passphrase?: string; form?: 'PEM' } = {}): KeyPair {
    const { type = 'ed25519', passphrase = '', form } = options;
    const file = join(this.folder, `key-${Math.random().toString(36).slice(2)}`);
    const format = form ? ['-m', form] : [];
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      type,
      ...format,
      '-N',
      passphrase,
      '-C',
      '',
      '-f',
      file,
    ]);
    return {
      privateKey: readFileSync(file, 'utf8'),
      publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
    };
  }

  /** Starts a server that lets the owners of these keys in. `settings`: more lines for its configuration. */
  async start(publicKeys: readonly string[], settings: readonly string[] = []): Promise<Sshd> {
    const address = `${this.network}.${this.started.length + 1}`;
    const folder = join(this.folder, address);
    mkdirSync(folder, { mode: 0o700 });
    const hostKey = this.hostKey(folder);
    writeFileSync(join(folder, 'authorized_keys'), `${publicKeys.join('\n')}\n`);
    writeFileSync(join(folder, 'sshd_config'), this.configuration(folder, address, settings));
    const process = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LANG: 'C.UTF-8',
      },
    });
    process.stderr?.resume();
    const { username } = userInfo();
    const sshd: Sshd = { address, port: this.port, hostKey, username, process };
    this.started.push(sshd);
    await this.answers(sshd);
    return sshd;
  }

  /** Ends all servers and removes their files. */
  async stop(): Promise<void> {
    for (const { process } of this.started) {
      if (process.exitCode === null && process.kill('SIGTERM')) {
        await once(process, 'exit');
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private hostKey(folder: string): string {
    const file = join(folder, 'host_key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
    return readFileSync(`${file}.pub`, 'utf8').trim();
  }

  private configuration(folder: string, address: string, settings: readonly string[]): string {
    if (userInfo().uid === 0) {
      mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    }
    return `${[
      ...settings,
      `ListenAddress ${address}`,
      `Port ${this.port}`,
      `HostKey ${join(folder, 'host_key')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      'PrintLastLog no',
      'Subsystem sftp internal-sftp',
    ].join('\n')}\n`;
  }

  private async answers({ address, port, process }: Sshd): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (process.exitCode !== null) {
        throw new Error(`sshd ended with ${process.exitCode}`);
      }
      const socket = connect(port, address);
      const isOpen = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'error').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isOpen) {
        return;
      }
      await sleep(25);
    }
    throw new Error(`sshd does not answer on ${address}:${port}`);
  }
}
