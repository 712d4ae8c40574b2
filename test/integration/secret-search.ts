import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What everybody on a machine can see of a process. */
export interface SeenProcess {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** All processes but this one and its parent, which know the secrets of their test. */
export function otherProcesses(): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && pid !== process.ppid)
    .map((pid) => ({
      pid,
      commandLine: read(`/proc/${pid}/cmdline`),
      environment: read(`/proc/${pid}/environ`),
    }));
}

/** Processes whose command line or environment holds one of the words. */
export function processesWith(words: readonly string[]): string[] {
  return otherProcesses()
    .filter(({ commandLine, environment }) =>
      words.some((word) => commandLine.includes(word) || environment.includes(word)),
    )
    .map(({ pid, commandLine }) => `process ${pid}: ${commandLine.replaceAll('\0', ' ')}`);
}

/** Files below these folders that hold one of the words. Pipes, sockets and devices are left alone. */
export function filesWith(words: readonly string[], folders: readonly string[]): string[] {
  const there = folders.filter((folder) => existsSync(folder));
  const wanted = words.flatMap((word) => ['-e', word]);
  // Whatever it ends with: folders of other users may be closed to it.
  const { stdout } = spawnSync('grep', ['-rlsF', '--devices=skip', ...wanted, ...there], {
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Folders in /tmp that Ansible and its supervisor use. */
export function temporaryFolders(): string[] {
  return readdirSync('/tmp')
    .filter((name) => /^(dk-|ansible|tmp)/.test(name))
    .map((name) => join('/tmp', name));
}

/** What `look` finds, again and again, until the work is over; and how often it has looked. */
export async function searchDuring(work: Promise<unknown>, look: () => readonly string[]) {
  const found = new Set<string>();
  let searches = 0;
  const over = work.then(
    () => true,
    () => true,
  );
  for (let isOver = false; !isOver; searches += 1) {
    isOver = await Promise.race([over, pause(100, false)]);
    look().forEach((place) => found.add(place));
  }
  return { found: [...found], searches };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // it ended meanwhile, or is somebody else's
  }
}
