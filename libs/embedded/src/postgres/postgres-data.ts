import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError, systemCode } from '../embedded-error';
import { runTool } from '../run-tool';
import { giveTo, type PostgresAccount } from './postgres-account';
import type { PostgresBinaries } from './postgres-binaries';

/** The role and the database of a new cluster. */
export const DATABASE = 'diaken';

const CREATE_TIMEOUT_MS = 120_000;
/** Larger than any process number of Linux (PID_MAX_LIMIT), so that no process can have it. */
const NO_PROCESS = 4_194_305;

/** What is needed to make a cluster, and whether to wait until it is on the disk. */
export interface ClusterOptions {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
  readonly passwordFile: string;
  readonly durable: boolean;
}

/** Makes the cluster in `<folder>/data`, or checks the one that is there. */
export async function prepareCluster(options: ClusterOptions): Promise<void> {
  const data = join(options.folder, 'data');
  await removeDrafts(options.folder);
  if (await exists(data)) await checkCluster(data, options);
  else await createCluster(data, options);
}

/**
 * A killed server leaves its number in postmaster.pid. Once another process has that number,
 * PostgreSQL would refuse to start; its own check of the shared memory stays in force.
 */
export async function forgetDeadServer(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid');
  try {
    const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [NO_PROCESS, ...rest].join('\n'));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

async function createCluster(data: string, options: ClusterOptions): Promise<void> {
  const { account, binaries, durable } = options;
  const draft = `${data}.new-${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  if (process.getuid?.() === 0) await giveTo(account, draft);
  await succeed('initdb', [...account.prefix, binaries.initdb, ...initdbWords(draft, options)]);
  const single = [binaries.postgres, '--single', '-D', draft, '-c', 'exit_on_error=on', 'postgres'];
  await succeed(
    'postgres --single',
    [...account.prefix, ...single],
    `CREATE DATABASE ${DATABASE};`,
  );
  await rename(draft, data);
  if (durable) await syncFolder(options.folder);
}

function initdbWords(draft: string, options: ClusterOptions): readonly string[] {
  return [
    `--pgdata=${draft}`,
    `--username=${DATABASE}`,
    `--pwfile=${options.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The locale of the package, not of the machine: the data opens on every machine.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(options.durable ? [] : ['--no-sync']),
  ];
}

async function checkCluster(data: string, options: ClusterOptions): Promise<void> {
  const { account, binaries } = options;
  const { uid } = await stat(data);
  if (uid !== account.owner) {
    if (process.getuid?.() !== 0) throw notOurs(data, uid);
    await giveTo(account, data);
  }
  const major = Number(await readFile(join(data, 'PG_VERSION'), 'utf8'));
  if (major === binaries.major) return;
  throw new EmbeddedError(
    'data-version',
    `${data} was made by PostgreSQL ${major}, the installed one is ${binaries.major}. Save the ` +
      `data with pg_dumpall of PostgreSQL ${major} and load it into a new folder, go back to the ` +
      'former package, or set DATABASE_URL.',
  );
}

function notOurs(data: string, uid: number): EmbeddedError {
  return new EmbeddedError(
    'data-folder',
    `${data} belongs to the user with number ${uid}, this process runs as ${process.getuid?.()}. ` +
      'Start as that user, give the folder away with chown -R, or set DIAKEN_DATA_FOLDER.',
  );
}

async function succeed(name: string, command: readonly string[], input = ''): Promise<void> {
  const { code, output } = await runTool(command, { timeoutMs: CREATE_TIMEOUT_MS, input });
  if (code === 0) return;
  const how =
    code === null ? `did not end within ${CREATE_TIMEOUT_MS / 1000} s` : `ended with ${code}`;
  throw new EmbeddedError(
    'postgres-failed',
    `The new database could not be made: ${name} ${how} and said:\n${output.trim()}`,
  );
}

/** What an interrupted creation left behind. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('data.new-')) continue;
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
