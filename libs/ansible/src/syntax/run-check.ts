import { execFile } from 'node:child_process';
import { isErrnoException } from '../errno';

/** The longest that a check may take, milliseconds; most take one second. */
const LONGEST_MS = 60_000;
/** For a text that keeps its checker busy for ever. */
const TOO_LONG = 'ERROR! The check did not come to its end within a minute.';
/** What a check may say, bytes. */
const MOST_OUTPUT = 1024 * 1024;

/** A program that checks a text. */
export interface CheckCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What a program that checks a text has said. */
export interface Exited {
  readonly how: 'exited';
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How it has ended. */
export type CheckEnding = Exited | { readonly how: 'not-there' };

/** Runs a checking program without input. Rejects with the signal's reason when it aborts. */
export async function runCheck(
  { argv: [program, ...rest], env, cwd }: CheckCommand,
  signal: AbortSignal,
): Promise<CheckEnding> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<CheckEnding>();
  const options = {
    ...{ env, cwd, signal, timeout: LONGEST_MS, maxBuffer: MOST_OUTPUT },
    killSignal: 'SIGKILL',
  } as const;
  const child = execFile(program, rest, options, (error, out, err) => {
    if (signal.aborted) {
      reject(signal.reason);
    } else if (!error || typeof error.code === 'number') {
      resolve({ how: 'exited', code: Number(error?.code ?? 0), out, err });
    } else if (isErrnoException(error, 'ENOENT', 'EACCES')) {
      resolve({ how: 'not-there' });
    } else if (error.killed) {
      resolve({ how: 'exited', code: 1, out, err: TOO_LONG });
    } else {
      reject(error);
    }
  });
  child.stdin?.end();
  return promise;
}
