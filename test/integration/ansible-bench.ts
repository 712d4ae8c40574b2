import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalAnsible, type LocalAnsibleOptions, type SshKeyCredential } from '@diaken/ansible';
import type { PlayHost, PlayOrder, PlayPosition, PlayResult } from '@diaken/provisioning';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { otherProcesses } from './secret-search';
import { type KeyPair, type Sshd, SshdFixture } from './sshd-fixture';

export const assetsFolder = resolve(import.meta.dirname, '../../libs/ansible');
const never = new AbortController().signal;

/** Two guests, a folder for each test, and what is asked of Ansible there. */
export class AnsibleBench {
  readonly guests = new SshdFixture();
  key: KeyPair = { privateKey: '', publicKey: '' };
  /** Where playbooks may write, and where runs are kept; new for every test. */
  folder = '';
  private servers: readonly Sshd[] = [];
  private orders = 0;

  /** Starts the guests before the tests of this file, and removes all after them. */
  constructor() {
    beforeAll(async () => {
      this.key = this.guests.keyPair();
      this.servers = [await this.start(), await this.start()];
    });
    afterAll(() => this.guests.stop());
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'diaken-ansible-'));
    });
    afterEach(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  get runsFolder(): string {
    return join(this.folder, 'the runs');
  }

  get credential(): SshKeyCredential {
    return { username: this.web.username, privateKey: this.key.privateKey };
  }

  get web(): Sshd {
    return this.server(0);
  }

  get db(): Sshd {
    return this.server(1);
  }

  /** One more guest. */
  start(): Promise<Sshd> {
    return this.guests.start([this.key.publicKey]);
  }

  /** The adapter; with what is opened besides the ordinary credential. */
  local(
    opened: Partial<SshKeyCredential> = {},
    options: Partial<LocalAnsibleOptions> = {},
  ): LocalAnsible {
    const credentials = { open: async () => ({ ...this.credential, ...opened }) };
    return new LocalAnsible({ runsFolder: this.runsFolder, assetsFolder, credentials, ...options });
  }

  /** A playbook of these tasks, for both guests. */
  order(tasks: string, more: Partial<PlayOrder> = {}): PlayOrder {
    const content = `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`;
    return {
      key: `run-${(this.orders += 1)}`,
      playbook: { kind: 'text', name: 'test playbook', content },
      hosts: [hostOf('web', this.web), hostOf('db', this.db)],
      extraVars: { folder: this.folder },
      timeoutSeconds: 60,
      ...more,
    };
  }

  play(what: PlayOrder, at = ear(), signal = never): Promise<PlayResult> {
    return this.local().play(what, at.listener, signal);
  }

  /** Who supervises a run, and where its sockets are. */
  runFile({ key }: PlayOrder): { supervisor: number; sockets: string } {
    return JSON.parse(readFileSync(join(this.runsFolder, key, 'run.json'), 'utf8'));
  }

  isThere(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  private server(index: number): Sshd {
    const server = this.servers[index];
    if (!server) {
      throw new Error('The guests have not been started.');
    }
    return server;
  }
}

export function hostOf(name: string, { address, port, hostKey }: Sshd): PlayHost {
  return { name, address, port, hostKey, credentialId: 'any' };
}

/** Hears everything and keeps it. */
export function ear() {
  const heard = {
    lines: [] as string[],
    progress: [] as (readonly [number, string])[],
    positions: [] as PlayPosition[],
  };
  const listener = {
    line: (text: string) => void heard.lines.push(text),
    progress: (fraction: number, task: string) => void heard.progress.push([fraction, task]),
    position: (position: PlayPosition) => void heard.positions.push(position),
  };
  return { ...heard, listener, text: () => heard.lines.join('\n') };
}

/** Processes of this machine, the guests' too, whose command line holds the text. */
export function running(text: string): number[] {
  return otherProcesses()
    .filter(({ commandLine }) => commandLine.includes(text))
    .map(({ pid }) => pid);
}

export async function until(isSo: () => boolean, withinMs = 20_000): Promise<void> {
  for (const latest = Date.now() + withinMs; !isSo(); await sleep(50)) {
    if (Date.now() > latest) {
      throw new Error('It did not come about in time.');
    }
  }
}

/** So many seconds that nobody else sleeps so long. */
export const SLEEP = 50_000 + Math.floor(Math.random() * 40_000);

/** The processes that sleep so long. */
export const sleepers = (): number[] => running(`sleep\0${SLEEP}`);
