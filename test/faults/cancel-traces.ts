import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '../support/system';
import { VCenterCensus } from './vcenter-census';

/** What a run has left behind, in words; empty when there is nothing. */
export interface Traces {
  /** Processes on this computer, those in guests included. */
  readonly processes: readonly string[];
  /** Folders of its playbooks. */
  readonly folders: readonly string[];
  /** Machines in vCenter. */
  readonly machines: readonly string[];
}

/** A run, as its traces name it. */
export interface Traced {
  readonly runId: string;
  readonly hostname: string;
  /** In the command line of whatever its playbooks start. */
  readonly marker: string;
}

/** Looks for what runs have left behind: in /proc, on the worker's disk, and in vCenter. */
export class TraceFinder {
  private readonly census: VCenterCensus;

  constructor(private readonly system: Pick<System, 'folder' | 'lab'>) {
    this.census = new VCenterCensus(system.lab);
  }

  async of({ runId, hostname, marker }: Traced): Promise<Traces> {
    const [processes, folders, machines] = await Promise.all([
      processesWith([runId, marker]),
      readdir(join(this.system.folder, 'plays')).catch(() => []), // no playbook has run yet
      this.census.take(),
    ]);
    return {
      processes,
      folders: folders.filter((name) => name.includes(runId)),
      machines: machines
        .filter(({ name, instanceUuid }) => name === hostname || instanceUuid === runId)
        .map(({ moRef, name, instanceUuid }) => `${moRef} ${name} ${instanceUuid}`),
    };
  }

  /** Names of all machines that vCenter has now. */
  async machineNames(): Promise<readonly string[]> {
    return (await this.census.take()).map(({ name }) => name);
  }

  close(): void {
    this.census.close();
  }
}

/**
 * Command lines of the processes that have one of the words in their command line, their environment or their
 * working directory. Those in guests are among them: their namespaces are below this one.
 */
export async function processesWith(words: readonly string[]): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [line, environment, folder] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(gone),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(gone),
        readlink(`/proc/${pid}/cwd`).catch(gone),
      ]);
      const isFound = words.some((word) => `${line}\0${environment}\0${folder}`.includes(word));
      return isFound ? `${pid} ${line.replaceAll('\0', ' ').slice(0, 200)}` : undefined;
    }),
  );
  return found.filter((line) => line !== undefined);
}

/** The process has ended meanwhile, or is not ours to read. */
const gone = () => '';
