import {
  type ChildProcessByStdio,
  type ChildProcessWithoutNullStreams,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const PAGE = 4096;

/**
 * A real file system that gets full: a tmpfs in a mount namespace of its own, so that an ordinary user may have one too.
 * Only processes that are started with `spawn` see it, at its path.
 */
export class SmallDisk {
  private constructor(
    readonly path: string,
    private readonly keeper: ChildProcessWithoutNullStreams,
  ) {}

  /** Makes one at a path that does not exist yet. */
  static async make(path: string, bytes: number): Promise<SmallDisk> {
    mkdirSync(path, { mode: 0o700 });
    const mount = `mount -t tmpfs -o mode=0700,size=${bytes} tmpfs "$0" && echo ready && exec cat`;
    const user = isRoot() ? [] : ['--user', '--map-root-user'];
    const keeper = spawn('unshare', [...user, '--mount', 'sh', '-c', mount, path], {
      stdio: 'pipe',
    });
    const [ready] = await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')]);
    if (String(ready) !== 'ready\n') {
      throw new Error('No file system could be mounted in a namespace.');
    }
    return new SmallDisk(path, keeper);
  }

  /** Starts a program that sees the disk. */
  spawn(program: string, args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
    const user = isRoot() ? [] : ['--user', '--preserve-credentials'];
    const namespace = [...user, '--mount', '--target', String(this.keeper.pid)];
    return spawn('nsenter', [...namespace, '--', program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  /** A path on the disk, as this process sees it. */
  seen(...names: readonly string[]): string {
    return join(`/proc/${this.keeper.pid}/root`, this.path, ...names);
  }

  /** Fills the disk but for so many bytes, to the page. */
  fill(spare = 0): void {
    this.free();
    if (spare > 0) {
      this.write('spare', spare);
    }
    this.write('filling', Number.POSITIVE_INFINITY);
    rmSync(this.seen('spare'), { force: true });
  }

  /** Gives the space back. */
  free(): void {
    rmSync(this.seen('filling'), { force: true });
  }

  async remove(): Promise<void> {
    this.keeper.stdin.end();
    await once(this.keeper, 'exit');
  }

  private write(name: string, bytes: number): void {
    const file = openSync(this.seen(name), 'w', 0o600);
    try {
      for (let left = bytes; left > 0; left -= PAGE) {
        writeSync(file, Buffer.alloc(PAGE));
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) {
        throw error;
      }
    } finally {
      closeSync(file);
    }
  }
}

const isRoot = (): boolean => userInfo().uid === 0;
