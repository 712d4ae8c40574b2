import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from '../embedded-error';
import type { EmbeddedServer } from '../embedded-server';
import { LOOPBACK } from '../ports';
import { findProcess, isRunning, type ProcessIdentity } from '../process-identity';
import { readOrCreatePassword, replaceFile } from '../secret-file';
import { ServerLog } from '../server-log';
import { ServerMemory, type ServerSettings } from '../server-memory';
import { endProcess, spawnServer, type StopSignal } from '../server-process';
import { waitUntil } from '../wait-until';
import { findRedisBinary } from './redis-binary';
import { askRedis } from './redis-wire';

const READY_TIMEOUT_MS = 120_000;
const STOP: readonly StopSignal[] = [
  { signal: 'SIGTERM', timeoutMs: 30_000 },
  { signal: 'SIGKILL', timeoutMs: 5_000 },
];

/** The machine's Redis, for one data folder. */
export class RedisServer implements EmbeddedServer {
  readonly name = 'redis';
  readonly memory: ServerMemory;
  readonly #folder: string;
  readonly #data: string;
  readonly #log: ServerLog;
  readonly #configurationFile: string;
  readonly #passwordFile: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#data = join(folder, 'data');
    this.#log = new ServerLog(join(folder, 'server.log'));
    this.#configurationFile = join(folder, 'redis.conf');
    this.#passwordFile = join(folder, 'password');
    this.memory = new ServerMemory(folder);
  }

  async prepare(): Promise<void> {
    await findRedisBinary();
    await mkdir(this.#data, { recursive: true, mode: 0o700 });
    await readOrCreatePassword(this.#passwordFile);
  }

  findRunning(): Promise<ProcessIdentity | undefined> {
    return findProcess(` ${this.#configurationFile} --port`);
  }

  async start(settings: ServerSettings): Promise<void> {
    const password = await readOrCreatePassword(this.#passwordFile);
    await replaceFile(this.#configurationFile, configuration(this.#data, password, settings));
    const program = await findRedisBinary();
    const command = [program, this.#configurationFile, '--port', String(settings.port)];
    const started = await spawnServer(command, this.#folder, this.#log);
    await this.untilReady(started, settings.port);
  }

  async untilReady(running: ProcessIdentity, port: number): Promise<void> {
    const password = await readOrCreatePassword(this.#passwordFile);
    let answers: readonly string[] = [];
    const settled = async () => {
      if (!(await isRunning(running))) return true;
      answers = await askRedis(LOOPBACK, port, password);
      return answers[1] === '+PONG';
    };
    const inTime = await waitUntil(settled, READY_TIMEOUT_MS);
    if (answers[1] === '+PONG' && (await isRunning(running))) return;
    const tail = await this.#log.tail();
    if (tail.includes('Address already in use')) {
      throw new EmbeddedError('port-taken', `Port ${port} of ${LOOPBACK} is taken.`);
    }
    const what = inTime ? 'ended at once' : `did not answer for ${READY_TIMEOUT_MS / 1000} s`;
    const last = answers.length === 0 ? '' : ` Its last answer: ${answers.join(' ')}.`;
    throw new EmbeddedError('redis-failed', `Redis on port ${port} ${what}.${last} ${tail}`);
  }

  async stop(running: ProcessIdentity): Promise<void> {
    if (await endProcess(running, STOP)) return;
    throw new EmbeddedError(
      'redis-failed',
      `Redis (process ${running.pid}) did not stop. ${await this.#log.tail()}`,
    );
  }

  async url(port: number): Promise<string> {
    const password = (await readFile(this.#passwordFile, 'utf8')).trim();
    return `redis://:${password}@${LOOPBACK}:${port}/0`;
  }
}

function configuration(data: string, password: string, settings: ServerSettings): string {
  const lines = [
    `bind ${LOOPBACK}`,
    'protected-mode yes',
    `requirepass ${password}`,
    `dir ${JSON.stringify(data)}`,
    'daemonize no',
    'logfile ""',
    'save ""',
    'appendonly yes',
    `appendfsync ${settings.durable ? 'everysec' : 'no'}`,
    'maxmemory-policy noeviction', // a queue must never lose a job to make room
    'proc-title-template "{title} {config-file} --port {port}"', // findRunning looks for it
  ];
  return `${lines.join('\n')}\n`;
}
