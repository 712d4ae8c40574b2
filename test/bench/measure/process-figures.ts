import { readdir, readFile } from 'node:fs/promises';

/** Linux counts CPU time in ticks of this length for every program (USER_HZ), ms. */
const TICK_MS = 10;
/** Fields of /proc/<pid>/stat after the name, proc(5): ppid, utime, stime, cutime, cstime. */
const [PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM] = [1, 11, 12, 13, 14];

/** Resident memory of a process, MiB. */
export interface ResidentMemory {
  readonly now: number;
  /** The most it has had since it was started. */
  readonly peak: number;
}

export async function residentMemory(pid: number): Promise<ResidentMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** CPU time that a process has used, ms. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = await statOf(pid);
  return ticks(fields, [USER, SYSTEM]);
}

/** CPU time of a server that forks, ms: its own, its children's, and that of those that have ended. */
export async function cpuMsOfTree(pid: number): Promise<number> {
  let total = ticks(await statOf(pid), [USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM]);
  for (const name of await readdir('/proc')) {
    const fields = /^\d+$/.test(name) ? await statOf(Number(name)).catch(() => []) : [];
    if (Number(fields[PARENT]) === pid) {
      total += ticks(fields, [USER, SYSTEM]);
    }
  }
  return total;
}

/** CPU time that the whole machine has spent at work, ms over all cores. */
export async function machineBusyMs(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) * TICK_MS;
}

async function statOf(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name may hold anything
}

function ticks(fields: readonly string[], which: readonly number[]): number {
  return which.reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) * TICK_MS;
}
