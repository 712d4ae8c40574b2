import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, readProcess, signalProcess, type ProcessIdentity } from './process-identity';
import type { ServerLog } from './server-log';
import { waitUntil } from './wait-until';

/** Nothing else of our environment reaches a server: no PG… variable, no secret. */
const INHERITED = ['PATH', 'HOME', 'LD_LIBRARY_PATH', 'TMPDIR'];

/** The environment of the servers and their tools. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const inherited = INHERITED.map((name) => [name, process.env[name]] as const);
  const known = inherited.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), LC_ALL: 'C', TZ: 'UTC' };
}

/** Starts a server that outlives this process; its output goes to the log. */
export async function spawnServer(
  command: readonly string[],
  folder: string,
  log: ServerLog,
): Promise<ProcessIdentity> {
  const [program = '', ...args] = command;
  const output = await log.openForAppend();
  try {
    const child = spawn(program, args, {
      cwd: folder,
      detached: true,
      env: serverEnvironment(),
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn'); // rejects with the reason when the program cannot be run
    child.unref();
    const pid = child.pid ?? 0;
    return (await readProcess(pid)) ?? { pid, startTicks: 'ended' };
  } finally {
    await output.close();
  }
}

/** One signal of a stop, and how long the server may take to obey. */
export interface StopSignal {
  readonly signal: NodeJS.Signals;
  readonly timeoutMs: number;
}

/** Sends one signal after the other until the process has ended; false when none helped. */
export async function endProcess(
  identity: ProcessIdentity,
  signals: readonly StopSignal[],
): Promise<boolean> {
  for (const { signal, timeoutMs } of signals) {
    await signalProcess(identity, signal);
    if (await waitUntil(async () => !(await isRunning(identity)), timeoutMs)) return true;
  }
  return false;
}
