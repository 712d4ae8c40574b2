import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisioningFailure, type PlayHost, type PlayOrder } from '@diaken/provisioning';
import {
  type CredentialDirectory,
  type GuestCredential,
  hasKey,
  isWinrm,
} from './credential-directory';
import { literalYaml } from './literal-yaml';
import { filesOf } from './playbook-files';
import { openKey } from './open-ssh-key';
import {
  ansibleConfig,
  inventory,
  jobsFolder,
  knownHosts,
  sshConfig,
  type Login,
} from './run-files';
import type { RunFolder } from './run-folder';
import { winrmPassword, winrmVariables } from './winrm-play';
import { cleanEnvironment, type SupervisedOrder } from './supervisor';

/** Where things are and how patient to be. */
export interface OrderWriterOptions {
  readonly assetsFolder: string;
  readonly ansiblePlaybook: string;
  readonly graceSeconds: number;
  readonly diskPatienceSeconds: number;
  readonly credentials: CredentialDirectory;
}

/** A credential that hosts of this play use, with a number of its own. */
interface UsedCredential {
  readonly number: number;
  readonly credential: GuestCredential;
}

type UsedCredentials = ReadonlyMap<string, UsedCredential>;

/** Turns a play into what its supervisor needs. */
export class OrderWriter {
  constructor(private readonly options: OrderWriterOptions) {}

  /** Throws `ProvisioningFailure`: `credential-missing`, `secret-unreadable`, `playbook-missing`, `playbook-not-started`. */
  async write(order: PlayOrder, folder: RunFolder): Promise<SupervisedOrder> {
    const playbook = this.playbook(order, folder);
    const used = await this.open(order.hosts);
    const keys = keysOf(used);
    const identities = keys.map(({ number, publicKey }) => [identity(number), `${publicKey}\n`]);
    const passwords = passwordsOf(order.hosts, used);
    const become = becomePassword(order.hosts, used);
    const winrm = winrmPassword(
      order.hosts.map((host) => ({ host, credential: credentialOf(host, used).credential })),
    );
    const secrets = secretsOf(order, { become, winrm });
    return {
      argv: this.argv(playbook.path, folder, secrets),
      env: { ...environment(folder), ...this.asking(passwords) },
      cwd: 'home',
      timeout: order.timeoutSeconds,
      grace: this.options.graceSeconds,
      folders: ['home', 'tmp'],
      files: {
        ...this.settings(order, folder, used),
        ...Object.fromEntries(identities),
        ...playbook.files,
      },
      keys: keys.map(({ privateKey }) => privateKey),
      secrets,
      passwords,
      jobs: jobsFolder(order.key),
      patience: this.options.diskPatienceSeconds,
      ...(become !== undefined && { become }),
    };
  }

  private playbook({ playbook }: PlayOrder, folder: RunFolder) {
    if (playbook.kind === 'text') {
      const { path, files } = filesOf(playbook);
      return { path: join(folder.path, path), files };
    }
    const path = join(this.options.assetsFolder, 'playbooks', `${playbook.name}.yml`);
    if (!/^[a-z0-9-]+$/.test(playbook.name) || !existsSync(path)) {
      throw new ProvisioningFailure({
        code: 'playbook-missing',
        cause: `This worker ships no playbook "${playbook.name}".`,
        remedy: 'Install the same version of Diaken on all workers.',
      });
    }
    return { path, files: {} };
  }

  private async open(hosts: readonly PlayHost[]): Promise<UsedCredentials> {
    const used = new Map<string, UsedCredential>();
    for (const id of new Set(hosts.map(({ credentialId }) => credentialId))) {
      const credential = await this.options.credentials.open(id);
      used.set(id, { number: used.size, credential });
    }
    return used;
  }

  private settings(order: PlayOrder, { path }: RunFolder, used: UsedCredentials) {
    const callbacks = join(this.options.assetsFolder, 'python/callbacks');
    const logins = order.hosts.map((host): Login => {
      const { number, credential } = credentialOf(host, used);
      const login = { host, username: credential.username };
      if (isWinrm(credential)) {
        return { ...login, variables: winrmVariables(credential) };
      }
      return hasKey(credential) ? { ...login, identityFile: join(path, identity(number)) } : login;
    });
    return {
      key: order.key,
      'ansible.cfg': ansibleConfig(path, {
        callbacks,
        jobs: jobsFolder(order.key),
        hosts: order.hosts.length,
      }),
      ssh_config: sshConfig(path),
      known_hosts: knownHosts(
        order.hosts.filter((host) => !isWinrm(credentialOf(host, used).credential)),
      ),
      'inventory/hosts.json': inventory(path, logins),
    };
  }

  /** Where ssh asks for passwords. */
  private asking(passwords: Readonly<Record<string, string>>): Record<string, string> {
    return Object.keys(passwords).length === 0
      ? {}
      : {
          SSH_ASKPASS: join(this.options.assetsFolder, 'python/askpass.py'),
          SSH_ASKPASS_REQUIRE: 'force',
          RUN_PASSWORDS: '{sockets}/passwords',
        };
  }

  private argv(playbook: string, { path }: RunFolder, secrets: Readonly<Record<string, string>>) {
    return [
      this.options.ansiblePlaybook,
      // The later one wins: nothing in the variables changes how to connect.
      ...('inventory' in secrets ? ['--inventory', '{secret:inventory}'] : []),
      '--inventory',
      join(path, 'inventory/hosts.json'),
      ...('vars' in secrets ? ['--extra-vars', '@{secret:vars}'] : []),
      ...('winrm' in secrets ? ['--connection-password-file', '{secret:winrm}'] : []),
      ...('become' in secrets ? ['--become-password-file', '{secret:become}'] : []),
      playbook,
    ];
  }
}

function keysOf(used: UsedCredentials) {
  return [...used.values()].flatMap(({ number, credential }) =>
    !isWinrm(credential) && hasKey(credential) ? [{ number, ...openKey(credential) }] : [],
  );
}

/** By login, as ssh names it when it asks. */
function passwordsOf(hosts: readonly PlayHost[], used: UsedCredentials): Record<string, string> {
  const passwords = new Map<string, string>();
  for (const host of hosts) {
    const { credential } = credentialOf(host, used);
    const login = `${credential.username}@${host.address}`;
    if (!isWinrm(credential) && !hasKey(credential)) {
      if ((passwords.get(login) ?? credential.password) !== credential.password) {
        throw new ProvisioningFailure({
          code: 'playbook-not-started',
          cause: `Two hosts of this playbook are both ${login}, with different passwords.`,
          remedy: 'Run the playbook once for each of them, or give them SSH keys.',
        });
      }
      passwords.set(login, credential.password);
    }
  }
  return Object.fromEntries(passwords);
}

function identity(number: number): string {
  return `identities/${number}.pub`;
}

function environment({ path }: RunFolder): Record<string, string> {
  return {
    ...cleanEnvironment(),
    HOME: join(path, 'home'),
    TMPDIR: join(path, 'tmp'),
    ANSIBLE_CONFIG: join(path, 'ansible.cfg'),
    ANSIBLE_LOCAL_TEMP: join(path, 'tmp'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: '{sockets}/cp',
    ANSIBLE_FORCE_COLOR: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** What goes through named pipes. */
function secretsOf(
  { extraVars, hosts }: PlayOrder,
  { become, winrm }: Readonly<Record<'become' | 'winrm', string | undefined>>,
): Record<string, string> {
  const told = hosts.filter(({ variables = {} }) => Object.keys(variables).length > 0);
  const inventory = {
    all: { hosts: Object.fromEntries(told.map(({ name, variables }) => [name, variables])) },
  };
  return {
    ...(told.length > 0 && { inventory: literalYaml(inventory) }),
    ...(Object.keys(extraVars).length > 0 && { vars: literalYaml(extraVars) }),
    ...(become !== undefined && { become }),
    ...(winrm !== undefined && { winrm }),
  };
}

/** Ansible takes one become password for a play, so the hosts' must be the same. */
function becomePassword(hosts: readonly PlayHost[], used: UsedCredentials): string | undefined {
  const passwords = hosts.map((host) => {
    const { credential } = credentialOf(host, used);
    return isWinrm(credential) ? undefined : credential.becomePassword;
  });
  const other = passwords.findIndex((password) => password !== passwords[0]);
  if (other >= 0) {
    throw new ProvisioningFailure({
      code: 'playbook-not-started',
      cause: `${hosts[0]?.name} and ${hosts[other]?.name} have different become passwords; a playbook runs with one.`,
      remedy: 'Run the playbook once for the hosts of each credential.',
    });
  }
  return passwords[0];
}

function credentialOf({ name, credentialId }: PlayHost, used: UsedCredentials): UsedCredential {
  const found = used.get(credentialId);
  if (!found) {
    throw new Error(`No credential was opened for ${name}.`);
  }
  return found;
}
