import { chown, lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error';
import { runTool } from '../run-tool';

/** The account `nobody`; it must be in /etc/passwd, and is on every Linux. */
const NOBODY = 65_534;
const PROBE_TIMEOUT_MS = 10_000;

/** Under which account PostgreSQL runs. */
export interface PostgresAccount {
  /** Words to put before a command. */
  readonly prefix: readonly string[];
  /** Owner of the data on the disk. */
  readonly owner: number;
}

/** A user namespace in which root is called `nobody`; to the rest of the machine it stays root. */
const NAMESPACE: PostgresAccount = {
  prefix: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`],
  owner: 0,
};

/**
 * `nobody` with the one capability to pass through folders of root, such as /root. The secure bit
 * lets access(2), by which initdb looks for `postgres`, respect that capability too.
 */
const CAPABLE_NOBODY: PostgresAccount = {
  prefix: [
    'setpriv',
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--bounding-set=-all,+dac_override',
  ],
  owner: NOBODY,
};

/** PostgreSQL refuses to run as root: picks the way that this machine allows. */
export async function choosePostgresAccount(): Promise<PostgresAccount> {
  const self = process.getuid?.() ?? 0;
  if (self !== 0) return { prefix: [], owner: self };
  if (await works(NAMESPACE)) return NAMESPACE;
  if (await works(CAPABLE_NOBODY)) return CAPABLE_NOBODY;
  throw new EmbeddedError(
    'root-refused',
    'PostgreSQL does not run as root, and this machine allows neither user namespaces nor ' +
      '`setpriv` (package util-linux). Start as an ordinary user, or set DATABASE_URL.',
  );
}

/** Hands a folder with all that is in it to the account; root only. */
export async function giveTo(account: PostgresAccount, folder: string): Promise<void> {
  await chown(folder, account.owner, account.owner);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(account, path);
    else await lchown(path, account.owner, account.owner);
  }
}

async function works(account: PostgresAccount): Promise<boolean> {
  try {
    const probe = [...account.prefix, 'true'];
    return (await runTool(probe, { timeoutMs: PROBE_TIMEOUT_MS })).code === 0;
  } catch {
    return false; // the program is not there
  }
}
