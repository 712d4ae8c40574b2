import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitRepository, ProvisioningFailure } from '@diaken/provisioning';
import { type GuestCredential, hasKey, isWinrm } from '../credential-directory';
import { openKey } from '../open-ssh-key';
import { cleanEnvironment } from '../supervisor';
import type { GitCommand } from './git-command';

/** Seconds until a connection attempt is given up. */
const CONNECT_SECONDS = 15;

/** Answers git's questions in their order: a user name, then a password. */
const ASKPASS = '#!/bin/sh\nIFS= read -r answer <&3 && printf "%s\\n" "$answer"\n';

/** Loads the key from standard input into an agent of this command alone. */
const WITH_KEY = 'ssh-add -q - || exit 97; exec "$@" </dev/null';

/** How git gets into a server: everything but the command itself. */
export interface GitAccess {
  readonly env: Readonly<Record<string, string>>;
  /** Stands in front of git. */
  readonly prefix: readonly string[];
  readonly secrets: Pick<GitCommand, 'input' | 'answers'>;
}

/** Prepares a folder for reaching a server; no secret is written to it. */
export async function prepareAccess(
  folder: string,
  repository: GitRepository,
  credential: GuestCredential | undefined,
): Promise<GitAccess> {
  await mkdir(join(folder, 'home'), { recursive: true, mode: 0o700 });
  return isSsh(repository)
    ? overSsh(folder, repository, credential)
    : overHttps(folder, repository, credential);
}

/** The key that the server has shown; null for HTTPS. */
export async function shownHostKey(
  folder: string,
  repository: GitRepository,
): Promise<string | null> {
  if (!isSsh(repository)) {
    return null;
  }
  const [line = ''] = (await readFile(knownHosts(folder), 'utf8')).split('\n');
  const [, type, blob] = line.split(' ');
  return type && blob ? `${type} ${blob}` : null;
}

function isSsh({ url }: GitRepository): boolean {
  return url.startsWith('ssh:');
}

async function overSsh(
  folder: string,
  { url, hostKey }: GitRepository,
  credential: GuestCredential | undefined,
): Promise<GitAccess> {
  if (!credential || isWinrm(credential) || !hasKey(credential)) {
    throw wrongCredential(url, 'an SSH key');
  }
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = port === '' || port === '22' ? host : `[${host}]:${port}`;
  await writeFile(knownHosts(folder), hostKey === null ? '' : `${name} ${hostKey}\n`);
  const config = join(folder, 'ssh_config');
  await writeFile(config, sshConfig(folder, hostKey !== null));
  return {
    env: { ...environment(folder), GIT_SSH_COMMAND: `ssh -F '${config}'`, GIT_SSH_VARIANT: 'ssh' },
    prefix: ['ssh-agent', '/bin/sh', '-c', WITH_KEY, 'sh'],
    secrets: { input: openKey(credential).privateKey },
  };
}

async function overHttps(
  folder: string,
  { url, caPem }: GitRepository,
  credential: GuestCredential | undefined,
): Promise<GitAccess> {
  if (credential && !isWinrm(credential) && hasKey(credential)) {
    throw wrongCredential(url, 'a user name and a password or token');
  }
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, ASKPASS, { mode: 0o700 });
  const authority = join(folder, 'ca.pem');
  await writeFile(authority, caPem ?? '');
  return {
    env: {
      ...environment(folder),
      GIT_ASKPASS: askpass,
      ...(caPem !== null && { GIT_SSL_CAINFO: authority }),
    },
    prefix: [],
    secrets: credential ? { answers: `${credential.username}\n${credential.password}\n` } : {},
  };
}

/** No configuration of the worker's own, no questions to a terminal, no other ways than these two. */
function environment(folder: string): Record<string, string> {
  return {
    ...cleanEnvironment(),
    HOME: join(folder, 'home'),
    TMPDIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:ssh',
  };
}

function sshConfig(folder: string, isPinned: boolean): string {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: isPinned ? 'yes' : 'accept-new',
    UserKnownHostsFile: `"${knownHosts(folder)}"`,
    GlobalKnownHostsFile: '/dev/null',
    HashKnownHosts: 'no',
    UpdateHostKeys: 'no',
    CheckHostIP: 'no',
    PasswordAuthentication: 'no',
    ForwardAgent: 'no',
    ConnectTimeout: String(CONNECT_SECONDS),
    ServerAliveInterval: '10',
    ServerAliveCountMax: '3',
  };
  const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}\n`);
  return `Host *\n${lines.join('')}`;
}

function knownHosts(folder: string): string {
  return join(folder, 'known_hosts');
}

function wrongCredential(url: string, needed: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'git-refused',
    cause: `The project at ${url} needs another credential: ${needed}.`,
    remedy: 'Give the project such a credential, and sync it again.',
  });
}
