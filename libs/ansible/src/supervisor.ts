import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import * as z from 'zod';
import type { RunFolder } from './run-folder';

/** What `supervise.py start` reads. Holds secrets: only ever passed on through a pipe. */
export interface SupervisedOrder {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds. */
  readonly grace: number;
  readonly folders: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  /** Of logins without a key, by `user@address`. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly become?: string;
  /** Folder of asynchronous jobs on the hosts. */
  readonly jobs: string;
  /** How long a disk that takes no more may keep the end of the run waiting, seconds. */
  readonly patience: number;
}

const Started = z.object({ started: z.boolean(), full: z.boolean().default(false) });
export type Started = z.infer<typeof Started>;

const Asked = z.object({ asked: z.boolean() });
const State = z.object({ state: z.enum(['unused', 'running', 'ended', 'lost']) });
export type SupervisedState = z.infer<typeof State>['state'];

/** Talks to the supervisors of runs: processes of their own, which outlive this one. */
export class Supervisor {
  constructor(
    private readonly python: string,
    private readonly script: string,
  ) {}

  /** Starts a run; not when its folder was used before, by whomever, and not when the disk is too full. */
  async start(folder: RunFolder, order: SupervisedOrder): Promise<Started> {
    return Started.parse(await this.ask('start', folder, JSON.stringify(order)));
  }

  /** Asks the lock, never a process id. */
  async state(folder: RunFolder): Promise<SupervisedState> {
    return State.parse(await this.ask('state', folder)).state;
  }

  /**
   * Asks a run to stop, on its hosts too; true is answered before it has. False when its supervisor does not live: what
   * that left is ended then.
   */
  async cancel(folder: RunFolder): Promise<boolean> {
    return Asked.parse(await this.ask('cancel', folder)).asked;
  }

  private async ask(command: string, folder: RunFolder, input = ''): Promise<unknown> {
    const child = spawn(this.python, ['-I', '-B', this.script, command, folder.path], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: cleanEnvironment(),
      cwd: '/',
    });
    child.stdin.on('error', () => undefined); // a folder may be refused before the order is read
    child.stdin.end(input);
    const ended = once(child, 'close');
    const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (child.exitCode !== 0) {
      throw new Error(`supervise.py ${command} ended with ${child.exitCode}: ${complaint}`);
    }
    return JSON.parse(output);
  }
}

/** Of this process's environment only what is harmless: the worker's holds passwords. */
export function cleanEnvironment(): { PATH: string; LANG: string } {
  return { PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
}
