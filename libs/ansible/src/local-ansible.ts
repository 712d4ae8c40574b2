import { mkdir, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isInterruption } from '@diaken/pipeline';
import {
  Ansible,
  ProvisioningFailure,
  type PlayListener,
  type PlayOrder,
  type PlayPlace,
  type PlayResult,
} from '@diaken/provisioning';
import type { CredentialDirectory } from './credential-directory';
import { isErrnoException } from './errno';
import { FolderWatch } from './folder-watch';
import { endingOf, interrupted, noHosts } from './play-ending';
import { PlayReader } from './play-reader';
import { type PlayExit, RunFolder } from './run-folder';
import { OrderWriter } from './supervised-order';
import { Supervisor } from './supervisor';
import { diskFull, needingRoom } from './worker-disk';
import { placeOf } from './worker-place';

/** How often a run is looked at when nothing announces a change, milliseconds. */
const LOOK_MS = 500;
/** How often it is made sure that its supervisor lives, milliseconds. */
const ALIVE_MS = 3_000;
/** What a supervisor needs at most to stop a run, besides the grace: signals, sweep and clean-up (see supervise.py). */
const STOP_SECONDS = 20;
/** Characters that neither ssh's nor Ansible's configuration takes for something else. */
const HARMLESS_PATH = /^[\p{L}\p{N} ._+@=~/-]+$/u;

/** Where runs are kept, and what runs them. */
export interface LocalAnsibleOptions {
  /** Folder of the runs' folders: absolute, the worker's own, made when missing. */
  readonly runsFolder: string;
  /** Folder that holds `python/` and `playbooks/`, absolute. */
  readonly assetsFolder: string;
  readonly credentials: CredentialDirectory;
  /** Default: the one on the PATH. */
  readonly ansiblePlaybook?: string;
  /** Python for the supervisor, 3.9 or newer. Default: `/usr/bin/python3`. */
  readonly python?: string;
  /** How long Ansible may take to stop when it is asked to, seconds. Default: 5. */
  readonly graceSeconds?: number;
  /** How long a full disk may keep the end of a run waiting for room for its results, seconds. Default: 300. */
  readonly diskPatienceSeconds?: number;
}

/** Runs ansible-playbook on this machine, each run below a supervisor that outlives the worker. */
export class LocalAnsible extends Ansible {
  private readonly runsFolder: string;
  private readonly stopMs: number;
  private readonly supervisor: Supervisor;
  private readonly writer: OrderWriter;

  constructor(options: LocalAnsibleOptions) {
    super();
    const { runsFolder, assetsFolder, credentials } = options;
    const { ansiblePlaybook = 'ansible-playbook', python = '/usr/bin/python3' } = options;
    const { graceSeconds = 5, diskPatienceSeconds = 300 } = options;
    requireHarmless(runsFolder, assetsFolder);
    this.runsFolder = runsFolder;
    this.stopMs = (graceSeconds + STOP_SECONDS) * 1_000;
    this.supervisor = new Supervisor(python, join(assetsFolder, 'python/supervise.py'));
    this.writer = new OrderWriter({
      ...{ assetsFolder, ansiblePlaybook, credentials },
      ...{ graceSeconds, diskPatienceSeconds },
    });
  }

  /** The folder of runs. */
  override place(): Promise<PlayPlace> {
    return needingRoom(this.runsFolder, () => placeOf(this.runsFolder));
  }

  /** Besides what the port says: `playbook-failed` when Ansible gave up half-way, `secret-unreadable`, `playbook-missing`. */
  async play(order: PlayOrder, listener: PlayListener, signal: AbortSignal): Promise<PlayResult> {
    signal.throwIfAborted();
    const folder = RunFolder.of(this.runsFolder, order.key);
    if (!folder.isUsed) {
      await this.start(order, folder);
    }
    const reader = new PlayReader(folder, order.from ?? { events: 0, output: 0 }, listener);
    try {
      await this.follow(folder, reader, signal);
      const exit = await folder.exit();
      this.tellRefusal(exit, listener);
      return await this.ending(order, folder, reader, exit);
    } catch (error) {
      if (saysThatNothingRan(error)) {
        await folder.remove();
      }
      throw error;
    } finally {
      await reader.close();
    }
  }

  async discard(key: string): Promise<void> {
    const folder = RunFolder.of(this.runsFolder, key);
    if ((await this.stop(folder)) === 'running') {
      throw new ProvisioningFailure({
        code: 'timed-out',
        cause: `A playbook on the worker ${hostname()} was told to stop, but it still runs after ${this.stopMs / 1_000} seconds.`,
        remedy: `End its processes there (they name ${folder.path}), and resume the run.`,
      });
    }
    await folder.remove();
  }

  override async removeForgotten(olderThanMs: number): Promise<readonly string[]> {
    const removed: string[] = [];
    for (const name of await namesIn(this.runsFolder)) {
      const folder = new RunFolder(join(this.runsFolder, name));
      if (folder.isOurs && (await isOlder(folder, olderThanMs)) && (await this.isOver(folder))) {
        removed.push(await folder.key());
        await folder.remove();
      }
    }
    return removed;
  }

  /** Ends what a killed supervisor left. */
  private async isOver(folder: RunFolder): Promise<boolean> {
    return !(await folder.seesSupervisor()) && (await this.stop(folder)) === 'over';
  }

  private async start(order: PlayOrder, folder: RunFolder): Promise<void> {
    if (order.hosts.length === 0) {
      throw new ProvisioningFailure(noHosts());
    }
    if (order.from && order.from.events + order.from.output > 0) {
      throw new ProvisioningFailure({
        code: 'playbook-interrupted',
        cause: `The playbook was begun, but its files are gone from the worker ${hostname()}, so what it did is not known.`,
        remedy: 'See on the hosts what it did, and resume the run, which plays it anew.',
      });
    }
    const { runsFolder } = this;
    await needingRoom(runsFolder, () => mkdir(runsFolder, { recursive: true, mode: 0o700 }));
    const { full } = await this.supervisor.start(folder, await this.writer.write(order, folder));
    if (full) {
      await folder.remove();
      throw diskFull(runsFolder);
    }
  }

  /** Until the run has ended and is read. Throws when the signal aborts or the run is lost. */
  private async follow(folder: RunFolder, reader: PlayReader, signal: AbortSignal): Promise<void> {
    const watch = new FolderWatch(folder.path);
    try {
      let lookAgainAt = 0;
      while (!folder.hasEnded) {
        await this.heed(folder, reader, signal);
        await reader.read();
        if (Date.now() >= lookAgainAt) {
          await this.requireAlive(folder, reader);
          lookAgainAt = Date.now() + ALIVE_MS;
        }
        await watch.wait(LOOK_MS, signal);
      }
      await reader.readToEnd();
    } finally {
      watch.close();
    }
  }

  /** Ends the run for good when the signal says so, or leaves it to whoever comes next. */
  private async heed(folder: RunFolder, reader: PlayReader, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
      return;
    }
    if (!isInterruption(signal.reason, 'worker-stopping', 'lease-lost')) {
      const state = await this.stop(folder);
      await reader.readToEnd();
      if (state !== 'running') {
        await folder.remove();
      }
    }
    throw signal.reason;
  }

  private async requireAlive(folder: RunFolder, reader: PlayReader): Promise<void> {
    if (await folder.seesSupervisor()) {
      return;
    }
    const state = await this.supervisor.state(folder);
    if (state === 'ended') {
      return;
    }
    await this.supervisor.cancel(folder); // killed: nobody else ends what it left
    if (state !== 'running') {
      await reader.readToEnd();
      throw interrupted(reader.record, 'The process that ran Ansible is gone');
    }
  }

  /** Ansible says only that some device has no space left. */
  private tellRefusal({ refused }: PlayExit, { line }: PlayListener): void {
    if (refused !== null) {
      const where = `The worker ${hostname()} could not write to ${this.runsFolder}`;
      line(`[Diaken: ${where} while the playbook ran: ${refused}.]`);
    }
  }

  private async ending(
    order: PlayOrder,
    folder: RunFolder,
    { record }: PlayReader,
    exit: PlayExit,
  ): Promise<PlayResult> {
    if (exit.why === 'exited' && exit.rc === 0 && !record.hasBegun && !exit.eventsLost) {
      throw new Error('Ansible ran without the run_events callback, so what it did is not known.');
    }
    const output = (await folder.endOfOutput()).replaceAll(`${folder.path}/playbook/`, '');
    const hosts = order.hosts.map(({ name }) => name);
    return endingOf({ exit, record, output, hosts, folder: this.runsFolder });
  }

  /** Ends a run that goes on, and what a killed supervisor left of it; waits for that, but not for ever. */
  private async stop(folder: RunFolder): Promise<'running' | 'over'> {
    if (!folder.isUsed) {
      return 'over';
    }
    const latest = Date.now() + this.stopMs;
    let state = await this.supervisor.state(folder);
    if (state === 'lost') {
      await this.supervisor.cancel(folder);
    }
    while (state === 'running' && Date.now() < latest) {
      const isAsked = await this.supervisor.cancel(folder);
      await this.untilEnded(folder, isAsked ? 2_000 : 100);
      state = await this.supervisor.state(folder);
    }
    return state === 'running' ? 'running' : 'over';
  }

  private async untilEnded(folder: RunFolder, withinMs: number): Promise<void> {
    const watch = new FolderWatch(folder.path);
    const latest = Date.now() + withinMs;
    while (!folder.hasEnded && Date.now() < latest) {
      await watch.wait(LOOK_MS);
    }
    watch.close();
  }
}

function requireHarmless(...folders: string[]): void {
  const harmful = folders.find((folder) => !isAbsolute(folder) || !HARMLESS_PATH.test(folder));
  if (harmful !== undefined) {
    throw new Error(`"${harmful}" must be an absolute path of letters, digits, spaces and ._+@=~-`);
  }
}

function saysThatNothingRan(error: unknown): boolean {
  return (
    error instanceof ProvisioningFailure &&
    (error.code === 'playbook-not-started' ||
      error.code === 'playbook-no-hosts' ||
      (error.code === 'worker-disk-full' && error.transient))
  );
}

async function isOlder(folder: RunFolder, ms: number): Promise<boolean> {
  return (await folder.lastWrite()) < Date.now() - ms;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrnoException(error, 'ENOENT')) {
      return []; // no run was ever started
    }
    throw error;
  }
}
