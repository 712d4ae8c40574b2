import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import type { Readable, Writable } from 'node:stream';
import { isErrnoException } from '../errno';

/** The largest file that fetching may write, blocks of 512 bytes: 200 MiB. */
const MOST_BLOCKS = 409_600;

/** What a program is given. Secrets go through pipes only: standard input, or file descriptor 3. */
export interface GitCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input?: string;
  /** What an askpass program reads, line by line. */
  readonly answers?: string;
}

/** How it has ended. */
export interface GitEnding {
  /** null: by a signal. */
  readonly code: number | null;
  readonly out: Buffer;
  readonly err: string;
}

/** Runs git, or what stands in front of it. Rejects with the signal's reason when it aborts. */
export async function runGit(command: GitCommand, signal: AbortSignal): Promise<GitEnding> {
  signal.throwIfAborted();
  const { argv, env, cwd, input = '', answers } = command;
  // A group of its own: git leaves its helpers running when it is killed.
  const child = spawn('/bin/sh', ['-c', `ulimit -f ${MOST_BLOCKS}; exec "$@"`, 'sh', ...argv], {
    ...{ env, cwd, detached: true },
    // An agent would keep a third pipe open, so it is there only where it is needed.
    stdio: ['pipe', 'pipe', 'pipe', answers === undefined ? 'ignore' : 'pipe'],
  });
  const end = () => endGroup(child.pid);
  signal.addEventListener('abort', end, { once: true });
  try {
    const ended = once(child, 'close');
    const [stdin, stdout, stderr, third] = child.stdio;
    feed(stdin as Writable, input);
    if (third && answers !== undefined) {
      feed(third as Writable, answers);
    }
    const [out, err] = await Promise.all([buffer(stdout as Readable), text(stderr as Readable)]);
    await ended;
    signal.throwIfAborted();
    return { code: child.exitCode, out, err };
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Gives a program something to read; it may end without reading it. */
function feed(pipe: Writable, input: string): void {
  pipe.on('error', () => undefined);
  pipe.end(input);
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, 'SIGKILL');
    }
  } catch (error) {
    // It may have ended by itself in the meantime.
    if (!isErrnoException(error, 'ESRCH')) {
      throw error;
    }
  }
}
