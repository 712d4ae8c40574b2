import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { isErrnoException } from './errno';

/** How the supervisor says that a run ended. */
const PlayExit = z.object({
  why: z.enum(['exited', 'cancelled', 'timeout', 'failed']),
  rc: z.number().int().nullable(),
  error: z.string().optional(),
  /** Whether the worker's disk did not take all events, so that the results are not known. */
  eventsLost: z.boolean().default(false),
  /** Why the worker's disk did not take something; null when it took all. */
  refused: z.string().nullable().default(null),
});
export type PlayExit = z.infer<typeof PlayExit>;

const RunFile = z.object({
  supervisor: z.number().int(),
  supervisorStart: z.number().int().nullable(),
  sockets: z.string(),
});

/** How much of the end of Ansible's output is searched for its error, bytes. */
const ERROR_BYTES = 16 * 1024;

/** How the supervisor names the folders of sockets; nothing else is ever removed outside of a run's folder. */
const SOCKETS = /^dk-[A-Za-z0-9_]+$/;

/** The folder of one run: everything about it, but nothing secret. */
export class RunFolder {
  readonly events: string;
  readonly output: string;

  constructor(readonly path: string) {
    this.events = join(path, 'events.jsonl');
    this.output = join(path, 'out.log');
  }

  /** The folder of a key, below `runsFolder`. */
  static of(runsFolder: string, key: string): RunFolder {
    return new RunFolder(join(runsFolder, safeName(key)));
  }

  /** Whether a run was started here, now or ever. */
  get isUsed(): boolean {
    return existsSync(join(this.path, 'run.json')) || this.hasEnded;
  }

  /** Whether a supervisor made it. */
  get isOurs(): boolean {
    return existsSync(join(this.path, 'lock'));
  }

  get hasEnded(): boolean {
    return existsSync(join(this.path, 'exit.json'));
  }

  /** Only after `hasEnded`. */
  async exit(): Promise<PlayExit> {
    return PlayExit.parse(JSON.parse(await readFile(join(this.path, 'exit.json'), 'utf8')));
  }

  /** What Ansible said last; empty when it was never started. */
  async endOfOutput(): Promise<string> {
    try {
      await using file = await open(this.output, 'r');
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.min(size, ERROR_BYTES));
      await file.read(bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString('utf8');
    } catch (error) {
      if (isErrnoException(error, 'ENOENT')) {
        return '';
      }
      throw error;
    }
  }

  /** The key that it was made for. */
  async key(): Promise<string> {
    return (await readIfThere(join(this.path, 'key'))) ?? basename(this.path);
  }

  /** Whether its supervisor is seen to live; false also when it lives where this process cannot see it. */
  async seesSupervisor(): Promise<boolean> {
    const run = await this.run();
    const fields = run && (await readIfThere(`/proc/${run.supervisor}/stat`));
    const [state = 'X', ...rest] = fields?.slice(fields.lastIndexOf(')') + 2).split(' ') ?? [];
    return !['X', 'Z'].includes(state) && Number(rest[18]) === run?.supervisorStart;
  }

  /** When something was last written, milliseconds since 1970. */
  async lastWrite(): Promise<number> {
    const names = ['exit.json', 'out.log', 'events.jsonl', 'run.json', '.'];
    const times = names.map((name) => modified(join(this.path, name)));
    return Math.max(...(await Promise.all(times)));
  }

  /** Removes it with what a killed supervisor left elsewhere. Not while the run goes on. */
  async remove(): Promise<void> {
    const sockets = (await this.run())?.sockets;
    const parents = ['/tmp', dirname(this.path)];
    if (sockets && SOCKETS.test(basename(sockets)) && parents.includes(dirname(sockets))) {
      await rm(sockets, { recursive: true, force: true });
    }
    await rm(this.path, { recursive: true, force: true });
  }

  private async run(): Promise<z.infer<typeof RunFile> | undefined> {
    const text = await readIfThere(join(this.path, 'run.json'));
    return text === undefined ? undefined : RunFile.safeParse(JSON.parse(text)).data;
  }
}

/** A key as the name of a folder: itself when it is harmless, else what is harmless of it and a digest. */
export function safeName(key: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(key)) {
    return key;
  }
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `run-${key.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60)}-${digest}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrnoException(error, 'ENOENT', 'ESRCH')) {
      return undefined; // not written yet, or the process is gone
    }
    throw error;
  }
}

async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isErrnoException(error, 'ENOENT')) {
      return 0;
    }
    throw error;
  }
}
