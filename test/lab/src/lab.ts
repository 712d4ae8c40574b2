import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { LabError } from './lab-error';
import { guestsAt, type LabGuests } from './lab-guests';
import { rulesAt, type LabRules } from './lab-rules';
import { simulatorProgram } from './simulator-program';

export interface LabOptions {
  /** Root of the workspace: the sources are in `test/lab` below it, the built program in `.data`. */
  readonly root: string;
  /** Folder for the certificate, the log and the guests' files; made when missing. */
  readonly stateFolder: string;
  /** Port of the vCenter API on 127.0.0.1; without it: a free one. */
  readonly port?: number;
  /** Time each vCenter task takes; 100 by default. */
  readonly taskTimeMs?: number;
  /** A guest reports its address this long after power on at the earliest; 200 by default. */
  readonly addressAfterMs?: number;
  /** The only user that may log in; `administrator@vsphere.local` by default. */
  readonly username?: string;
  /** `lab-password` by default. */
  readonly password?: string;
  /** Machines in the inventory beside the templates, rounded up to an even number; 4 by default. */
  readonly virtualMachines?: number;
  /** Further machines that can only be looked at, renamed and moved, in 20 folders; none by default. */
  readonly bulkMachines?: number;
  /** Whether its certificate has expired yesterday; no by default. */
  readonly expiredCertificate?: boolean;
  /** Port of the guests' SSH; 22 by default when running as root, else 2222. */
  readonly sshPort?: number;
  /** Network in 127.77.0.0/16, such as `127.77.9.0/24`, of the leases that guests get by DHCP; without it they get none and have no SSH. */
  readonly dhcpNetwork?: string;
  /** Address in 127.77.0.0/16 that is baked into the templates `debian-12-staging` (ifupdown), `ubuntu-24-staging` (netplan) and `rocky-9-staging` (NetworkManager); without it there are none. */
  readonly stagingAddress?: string;
  /** `false` for tests of the vCenter API alone: virtual machines have no SSH. */
  readonly guests?: boolean;
}

/** A running lab: a simulated vCenter whose virtual machines answer over SSH. */
export interface Lab {
  /** `https://127.0.0.1:PORT/sdk` */
  readonly url: string;
  /** The vCenter's certificate, which is its own authority. */
  readonly certificatePem: string;
  /** Fingerprint of the certificate: lower-case hex without colons. */
  readonly certificateSha256: string;
  readonly username: string;
  readonly password: string;
  readonly sshPort: number;
  readonly pid: number;
  /** Lets the owner of this public key (a line of `authorized_keys`) in as root, on guests that start from now on. */
  authorize(publicKey: string): Promise<void>;
  readonly rules: LabRules;
  readonly guests: LabGuests;
  /** Ends the vCenter and all guests. */
  stop(): Promise<void>;
}

/** A cold start takes under a second; two hundred times that is for a machine that is busy. */
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

type Simulator = ChildProcessByStdio<Writable, Readable, null>;

interface ReadyLine {
  readonly url: string;
  readonly pid: number;
  readonly sshPort: number;
}

/**
 * Starts a lab of its own; it ends with `stop()`, or with this process at the latest. In the state
 * folder of one that has ended or was killed, it has the same certificate and lets the same keys in;
 * inventory, sessions, rules and guests are new.
 * @throws LabError when something is missing on this machine
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const program = await simulatorProgram(options.root);
  const username = options.username ?? 'administrator@vsphere.local';
  const password = options.password ?? 'lab-password';
  await mkdir(options.stateFolder, { recursive: true, mode: 0o700 });
  const logFile = join(options.stateFolder, 'lab.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(program, flags(options, username, password), {
    stdio: ['pipe', 'pipe', log],
  }) as Simulator;
  closeSync(log);
  const ready = await readyLine(child, logFile);
  const certificatePem = await readFile(join(options.stateFolder, 'certificate.pem'), 'utf8');
  return {
    ...ready,
    username,
    password,
    certificatePem,
    certificateSha256: new X509Certificate(certificatePem).fingerprint256
      .replaceAll(':', '')
      .toLowerCase(),
    rules: rulesAt(ready.url, certificatePem),
    guests: guestsAt(ready.url, certificatePem),
    authorize: (publicKey) =>
      appendFile(join(options.stateFolder, 'authorized_keys'), `${publicKey.trim()}\n`),
    stop: () => stop(child),
  };
}

function flags(options: LabOptions, username: string, password: string): string[] {
  const list = [
    ['-listen', `127.0.0.1:${options.port ?? 0}`],
    ['-state', options.stateFolder],
    ['-task-time', `${options.taskTimeMs ?? 100}ms`],
    ['-address-after', `${options.addressAfterMs ?? 200}ms`],
    ['-username', username],
    ['-password', password],
    ...inventoryFlags(options),
  ];
  if (options.sshPort !== undefined) {
    list.push(['-ssh-port', String(options.sshPort)]);
  }
  if (options.dhcpNetwork !== undefined) {
    list.push(['-dhcp', options.dhcpNetwork]);
  }
  if (options.stagingAddress !== undefined) {
    list.push(['-staging-address', options.stagingAddress]);
  }
  if (options.guests !== false) {
    list.push(['-guest', join(options.root, 'test/lab/guest/start')]);
  }
  return [...list.flat(), '-end-with-stdin'];
}

function inventoryFlags(options: LabOptions): string[][] {
  return [
    // Half of them in the cluster, half on the standalone host.
    ['-vm', String(Math.ceil((options.virtualMachines ?? 4) / 2))],
    ['-bulk', String(options.bulkMachines ?? 0)],
    ...(options.expiredCertificate ? [['-expired']] : []),
  ];
}

function readyLine(child: Simulator, logFile: string): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    const fail = async (cause: string): Promise<void> => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      const log = await readFile(logFile, 'utf8').catch(() => '');
      reject(new LabError(cause, `what the simulator said (${logFile}):\n${log.trim()}`));
    };
    const timer = setTimeout(() => {
      void fail(`no ready line from the simulated vCenter within ${READY_TIMEOUT_MS} ms`);
    }, READY_TIMEOUT_MS);
    child.once('error', (error) => void fail(`the simulator cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      void fail(
        `the simulated vCenter ended before it was ready (${signal ?? `exit code ${code}`})`,
      );
    });
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      const { url, pid, sshPort } = JSON.parse(line) as ReadyLine;
      resolve({ url, pid, sshPort });
    });
  });
}

function stop(child: Simulator): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin.on('error', () => undefined); // it has ended already: what is wanted
    child.stdin.end();
  });
}
