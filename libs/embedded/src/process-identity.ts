import { readdir, readFile } from 'node:fs/promises';
import { systemCode } from './embedded-error';

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, as /proc tells it. */
  readonly startTicks: string;
}

interface ProcessEntry extends ProcessIdentity {
  readonly parent: number;
}

/** Position of the fields of proc(5) `stat` behind the command name, which may hold anything. */
const STATE = 0;
const PARENT = 1;
const START_TICKS = 19;

/** The living process of this number; a zombie counts as dead. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readProc(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields[START_TICKS];
  if (startTicks === undefined || fields[STATE] === 'Z' || fields[STATE] === 'X') return undefined;
  return { pid, startTicks, parent: Number(fields[PARENT]) };
}

/** Says whether exactly this process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await readProcess(identity.pid))?.startTicks === identity.startTicks;
}

/**
 * The process whose command line holds these words, without the children that it forked. It finds
 * a server also when its launcher was killed before anything about it could be written down.
 */
export async function findProcess(words: string): Promise<ProcessIdentity | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map((pid) => readIfStartedWith(pid, words)));
  const found = entries.filter((entry) => entry !== undefined);
  const own = new Set(found.map((entry) => entry.pid));
  return found.find((entry) => !own.has(entry.parent));
}

/** Sends a signal to exactly this process; nothing happens when it has ended. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
): Promise<void> {
  if (!(await isRunning(identity))) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error; // it ended between the look and the signal
  }
}

async function readIfStartedWith(pid: number, words: string): Promise<ProcessEntry | undefined> {
  const commandLine = await readProc(`/proc/${pid}/cmdline`);
  // Redis rewrites its command line as one text with blanks; the others keep NUL.
  const startedWith = commandLine.replaceAll('\0', ' ').concat(' ').includes(`${words} `);
  return startedWith ? readProcess(pid) : undefined;
}

async function readProc(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // the process has ended, or is not ours to read
  }
}
