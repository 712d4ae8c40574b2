import { createHash } from 'node:crypto';
import type { PlayHost } from '@diaken/provisioning';

/** Seconds until a connection attempt is given up. */
const CONNECT_SECONDS = 10;
/** Seconds that a connection is kept for the next task. */
const PERSIST_SECONDS = 60;
/** More at once gain nothing on a worker and cost memory. */
const MOST_FORKS = 50;

/** A host and how to log in to it. */
export interface Login {
  readonly host: PlayHost;
  readonly username: string;
  /** The file with the public half of its key; the agent has the private one. Undefined: it logs in with a password. */
  readonly identityFile?: string;
  /** Of a host that is reached over WinRM: how. Undefined: it is reached over SSH. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** The inventory, as JSON that Ansible's YAML plugin reads, for an execution in this folder. */
export function inventory(folder: string, logins: readonly Login[]): string {
  const hosts = logins.map((login) => [
    literal(login.host.name),
    {
      ansible_host: literal(login.host.address),
      ...(login.variables
        ? { ansible_user: withoutTemplates(login.username), ...login.variables }
        : overSsh(folder, login)),
    },
  ]);
  return `${JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } }, null, 2)}\n`;
}

function overSsh(folder: string, { host, username, identityFile }: Login) {
  return {
    ansible_port: host.port,
    ansible_user: literal(username),
    ...(identityFile === undefined
      ? byPassword(folder)
      : { ansible_ssh_private_key_file: identityFile }),
    ansible_python_interpreter: literal(host.interpreter ?? '/usr/bin/python3'),
  };
}

/** Ansible is told no password, so by itself it would have ssh take none: the first setting that ssh reads stays. */
function byPassword(folder: string) {
  const options = {
    BatchMode: 'no',
    PubkeyAuthentication: 'no',
    PasswordAuthentication: 'yes',
    KbdInteractiveAuthentication: 'yes',
    PreferredAuthentications: 'password,keyboard-interactive',
    NumberOfPasswordPrompts: '1',
  };
  const args = Object.entries(options).map(([name, value]) => `-o ${name}=${value}`);
  return {
    ansible_ssh_args: [sshArguments(folder), ...args].join(' '),
    ansible_sftp_batch_mode: false,
  };
}

/** What every ssh of an execution is given. */
function sshArguments(folder: string): string {
  return `-F "${folder}/ssh_config" -o ControlMaster=auto -o ControlPersist=${PERSIST_SECONDS}s`;
}

/** The pinned host keys, and no others. */
export function knownHosts(hosts: readonly PlayHost[]): string {
  return hosts.map((host) => `${knownHostsName(host)} ${keyOf(host)}\n`).join('');
}

function knownHostsName({ address, port }: PlayHost): string {
  return port === 22 ? literal(address) : `[${literal(address)}]:${port}`;
}

function keyOf({ name, hostKey }: PlayHost): string {
  const [type, blob] = hostKey.trim().split(/\s+/);
  if (!type || !blob || !/^[a-z0-9@.-]+$/.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(blob)) {
    throw new Error(`The host key of ${name} is not of the form "type base64".`);
  }
  return `${type} ${blob}`;
}

/** Ansible evaluates templates in an inventory, and a line end would begin another line. */
function literal(value: string): string {
  if (!/^[^\s{}[\],;"'\\%$#]+$/.test(value)) {
    throw new Error(`"${value}" cannot stand in an inventory.`);
  }
  return value;
}

/** A user of Windows may have a backslash in its name, which is nothing special here. */
function withoutTemplates(username: string): string {
  if (/[{}\s]/.test(username)) {
    throw new Error(`The user "${username}" cannot stand in an inventory.`);
  }
  return username;
}

/** What ssh obeys: this file only, neither the machine's nor the worker's own. */
export function sshConfig(folder: string): string {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: `"${folder}/known_hosts"`,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    IdentitiesOnly: 'yes',
    PasswordAuthentication: 'no',
    ForwardAgent: 'no',
    ServerAliveInterval: '10',
    ServerAliveCountMax: '3',
  };
  const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}\n`);
  return `Host *\n${lines.join('')}`;
}

/**
 * Where an execution keeps its asynchronous jobs on its hosts. They leave the connection that they came by, so this is
 * what they are known by when the execution is stopped.
 */
export function jobsFolder(key: string): string {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `~/.ansible_async/dk-${digest}`;
}

/** What differs in Ansible's configuration from execution to execution. */
export interface AnsibleSettings {
  /** Folder of our callback. */
  readonly callbacks: string;
  /** Folder of asynchronous jobs on the hosts. */
  readonly jobs: string;
  /** How many hosts there are. */
  readonly hosts: number;
}

/** Ansible's configuration, for an execution in this folder. */
export function ansibleConfig(folder: string, { callbacks, jobs, hosts }: AnsibleSettings): string {
  return `[defaults]
async_dir = ${jobs}
callback_plugins = ${callbacks}
callbacks_enabled = run_events
forks = ${Math.max(1, Math.min(hosts, MOST_FORKS))}
gathering = smart
host_key_checking = True
localhost_warning = False
nocows = True
retry_files_enabled = False
timeout = ${CONNECT_SECONDS}

[inventory]
enable_plugins = yaml

[ssh_connection]
pipelining = True
ssh_args = ${sshArguments(folder)}
`;
}
