import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { serverEnvironment } from './server-process';

/** How a tool ended: its exit code (null when a signal ended it) and all that it printed. */
export interface ToolResult {
  readonly code: number | null;
  readonly output: string;
}

export interface ToolOptions {
  readonly timeoutMs: number;
  /** Text for the tool's standard input. */
  readonly input?: string;
}

/** Runs a short-lived program; rejects only when it cannot be run at all (`ENOENT`, `EACCES`). */
export async function runTool(
  command: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: '/',
    env: serverEnvironment(),
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // the tool ended without reading: its code says why
  child.stdin.end(options.input ?? '');
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, output: output + errors };
}
