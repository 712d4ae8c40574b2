import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A cold start takes two to three seconds; this is for a machine that is busy, ms. */
const READY_TIMEOUT_MS = 90_000;
/** A worker may take its grace time to end its runs, ms. */
const STOP_TIMEOUT_MS = 60_000;

/** A server of ours, running as a process of its own. */
export interface NodeServer {
  readonly pid: number;
  /** Resolves with the exit code when it has ended by itself. */
  readonly ended: Promise<number>;
  /** Ends it gracefully; kills it when that takes too long. */
  stop(): Promise<void>;
}

export interface NodeServerOptions {
  /** For messages. */
  readonly name: string;
  /** The built program. */
  readonly program: string;
  /** Its environment: nothing else is inherited. */
  readonly variables: NodeJS.ProcessEnv;
  /** Answers 200 once the server is ready. */
  readonly readyUrl: string;
  /** Where its log goes; undefined: to our own output. */
  readonly logFile?: string;
}

/** Starts a built server and waits until it is ready. Throws when it ends before, with the end of its log. */
export async function startNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const { name, program, variables, readyUrl, logFile } = options;
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: variables,
    stdio: logFile ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  const tail = logFile ? keepLog(child, logFile) : () => '';
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : 1));
  const stop = () => end(child, ended);
  try {
    await Promise.race([answers(readyUrl, name), ended.then((code) => failed(name, code, tail()))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ended, stop };
}

function failed(name: string, code: number, log: string): never {
  throw new Error(`The ${name} ended with code ${code} before it was ready.\n${log}`);
}

function keepLog(child: ChildProcess, path: string): () => string {
  let tail = '';
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      file.write(chunk);
      tail = (tail + chunk.toString('utf8')).slice(-4_000);
    });
  }
  return () => tail;
}

async function answers(url: string, name: string): Promise<void> {
  const until = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < until) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) {
      return;
    }
    await pause(100);
  }
  throw new Error(
    `The ${name} was not ready within ${READY_TIMEOUT_MS / 1_000} s: ${url} did not answer 200`,
  );
}

async function end(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(kill);
}
