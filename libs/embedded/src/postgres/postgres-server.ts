import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error';
import type { EmbeddedServer } from '../embedded-server';
import { LOOPBACK } from '../ports';
import { findProcess, isRunning, type ProcessIdentity } from '../process-identity';
import { readOrCreatePassword } from '../secret-file';
import { ServerLog } from '../server-log';
import { ServerMemory, type ServerSettings } from '../server-memory';
import { endProcess, spawnServer, type StopSignal } from '../server-process';
import { waitUntil } from '../wait-until';
import { choosePostgresAccount, type PostgresAccount } from './postgres-account';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries';
import { DATABASE, forgetDeadServer, prepareCluster } from './postgres-data';

/** Long enough to recover a large write-ahead log after a power failure. */
const READY_TIMEOUT_MS = 120_000;
/** Line of postmaster.pid (from 0) that holds the state; PostgreSQL's pidfile.h. */
const STATE_LINE = 7;
/** Fast shutdown, then immediate shutdown, which recovers at the next start. */
const STOP: readonly StopSignal[] = [
  { signal: 'SIGINT', timeoutMs: 60_000 },
  { signal: 'SIGQUIT', timeoutMs: 20_000 },
];
const FOR_TESTS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

interface Installation {
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
}

/** PostgreSQL from the registry package, for one data folder. */
export class PostgresServer implements EmbeddedServer {
  readonly name = 'postgres';
  readonly memory: ServerMemory;
  readonly #root: string;
  readonly #folder: string;
  readonly #data: string;
  readonly #log: ServerLog;
  readonly #passwordFile: string;

  #installed: Installation | undefined;

  /** `root` is the workspace that has the package; `folder` is the server's own. */
  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
    this.#data = join(folder, 'data');
    this.#log = new ServerLog(join(folder, 'server.log'));
    this.#passwordFile = join(folder, 'password');
    this.memory = new ServerMemory(folder);
  }

  async prepare(durable: boolean): Promise<void> {
    const { binaries, account } = await this.#installation();
    const [folder, passwordFile] = [this.#folder, this.#passwordFile];
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await readOrCreatePassword(passwordFile);
    await prepareCluster({ folder, binaries, account, passwordFile, durable });
  }

  findRunning(): Promise<ProcessIdentity | undefined> {
    return findProcess(`/postgres -D ${this.#data}`);
  }

  async start(settings: ServerSettings): Promise<void> {
    const { binaries, account } = await this.#installation();
    await forgetDeadServer(this.#data);
    const words = configuration(settings).flatMap((setting) => ['-c', setting]);
    const command = [...account.prefix, binaries.postgres, '-D', this.#data, ...words];
    const started = await spawnServer(command, this.#folder, this.#log);
    await this.untilReady(started, settings.port);
  }

  async untilReady(running: ProcessIdentity, port: number): Promise<void> {
    const settled = async () => (await this.#isReady(running)) || !(await isRunning(running));
    const inTime = await waitUntil(settled, READY_TIMEOUT_MS);
    if (await this.#isReady(running)) return;
    const tail = await this.#log.tail();
    if (tail.includes('Address already in use')) {
      throw new EmbeddedError('port-taken', `Port ${port} of ${LOOPBACK} is taken.`);
    }
    const what = inTime ? 'ended at once' : `was not ready after ${READY_TIMEOUT_MS / 1000} s`;
    throw new EmbeddedError('postgres-failed', `PostgreSQL on port ${port} ${what}. ${tail}`);
  }

  async stop(running: ProcessIdentity): Promise<void> {
    if (await endProcess(running, STOP)) return;
    throw new EmbeddedError(
      'postgres-failed',
      `PostgreSQL (process ${running.pid}) did not stop. ${await this.#log.tail()}`,
    );
  }

  async url(port: number): Promise<string> {
    const password = await readOrCreatePassword(this.#passwordFile);
    return `postgresql://${DATABASE}:${password}@${LOOPBACK}:${port}/${DATABASE}`;
  }

  async #installation(): Promise<Installation> {
    return (this.#installed ??= {
      binaries: await findPostgresBinaries(this.#root),
      account: await choosePostgresAccount(),
    });
  }

  async #isReady(running: ProcessIdentity): Promise<boolean> {
    if (!(await isRunning(running))) return false;
    const lines = await readPidFile(this.#data);
    return Number(lines[0]) === running.pid && lines[STATE_LINE]?.trim() === 'ready';
  }
}

function configuration(settings: ServerSettings): readonly string[] {
  return [
    `listen_addresses=${LOOPBACK}`,
    `port=${settings.port}`,
    'unix_socket_directories=',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(settings.durable ? [] : FOR_TESTS),
  ];
}

async function readPidFile(data: string): Promise<readonly string[]> {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  } catch {
    return []; // not written yet, or removed by a server that ends
  }
}
