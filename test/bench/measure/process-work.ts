import { fixedWorkMs } from './fixed-work.ts';
import { cpuMs, cpuMsOfTree, machineBusyMs } from './process-figures.ts';

/** A program that takes part in what is measured. */
export interface Participant {
  readonly pid: number;
  /** Whether it forks, as PostgreSQL does. */
  readonly forks?: boolean;
}

/** What a piece of work took. */
export interface ProcessWork {
  readonly wallMs: number;
  /** CPU time of each participant, ms; `bench` is this process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Cores that programs had which are no part of this: the smaller, the better the figures. */
  readonly coresTakenByOthers: number;
  /** How fast the machine was just before, see fixedWorkMs: the smaller, the faster. */
  readonly fixedWorkMs: number;
}

/** Does the work; answers what came of it, and what it took of the machine. */
export async function watched<T>(
  participants: Readonly<Record<string, Participant>>,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly took: ProcessWork }> {
  const speed = fixedWorkMs();
  const before = await sample(participants);
  const result = await work();
  const after = await sample(participants);
  const wallMs = after.clock - before.clock;
  const used = Object.fromEntries(
    Object.entries(after.cpu).map(([name, ms]) => [name, ms - (before.cpu[name] ?? 0)]),
  );
  const ours = Object.values(used).reduce((sum, ms) => sum + ms, 0);
  const others = Math.max(0, after.machine - before.machine - ours) / wallMs;
  return {
    result,
    took: { wallMs, cpuMs: used, coresTakenByOthers: others, fixedWorkMs: speed },
  };
}

async function sample(participants: Readonly<Record<string, Participant>>) {
  const { user, system } = process.cpuUsage();
  const cpu: Record<string, number> = { bench: (user + system) / 1_000 };
  for (const [name, { pid, forks = false }] of Object.entries(participants)) {
    cpu[name] = await (forks ? cpuMsOfTree(pid) : cpuMs(pid));
  }
  return { clock: performance.now(), machine: await machineBusyMs(), cpu };
}
