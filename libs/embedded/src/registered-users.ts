import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, readProcess } from './process-identity';

/** The servers by name. */
export type ServerName = 'postgres' | 'redis';

/**
 * Who uses the servers of a data folder: one file a user, named by process number and start time,
 * so that the entry of a killed process counts for nothing. Call it under the folder's lock.
 */
export class RegisteredUsers {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'embedded-users');
  }

  /** Adds this process as a user of the named servers; resolves to the entry to remove later. */
  async add(servers: readonly ServerName[]): Promise<string> {
    const self = await readProcess(process.pid);
    if (!self) throw new Error('/proc does not show this process; is /proc mounted?');
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const entry = `${self.pid}-${self.startTicks}-${randomBytes(4).toString('hex')}`;
    await writeFile(join(this.#folder, entry), servers.join(' '), { mode: 0o600 });
    return entry;
  }

  async remove(entry: string): Promise<void> {
    await rm(join(this.#folder, entry), { force: true });
  }

  /** Process numbers of the living users of a server, other than the given entry. */
  async others(server: ServerName, except: string): Promise<readonly number[]> {
    const pids: number[] = [];
    for (const entry of await this.#entries()) {
      if (entry === except) continue;
      const [pid = '', startTicks = ''] = entry.split('-');
      if (!(await isRunning({ pid: Number(pid), startTicks }))) await this.remove(entry);
      else if (await this.#uses(entry, server)) pids.push(Number(pid));
    }
    return pids;
  }

  async #uses(entry: string, server: ServerName): Promise<boolean> {
    return (await readFile(join(this.#folder, entry), 'utf8')).split(' ').includes(server);
  }

  async #entries(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return readdir(this.#folder);
  }
}
