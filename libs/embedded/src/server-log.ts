import { open, rename, stat } from 'node:fs/promises';

const LARGEST_BYTES = 5 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 15;

/** What a server writes to its output; one older file is kept. */
export class ServerLog {
  readonly path: string;
  #startedAtByte = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Opens the file for a new server process; the caller closes it. */
  async openForAppend(): Promise<Awaited<ReturnType<typeof open>>> {
    if ((await this.#size()) > LARGEST_BYTES) await rename(this.path, `${this.path}.1`);
    this.#startedAtByte = await this.#size();
    return open(this.path, 'a', 0o600);
  }

  /** The last lines since the server was started, as a text to put behind an error. */
  async tail(): Promise<string> {
    const size = await this.#size();
    const from = Math.max(this.#startedAtByte, size - TAIL_BYTES);
    if (size <= from) return `Its log ${this.path} is empty.`;
    const file = await open(this.path, 'r');
    try {
      const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const lines = buffer.toString('utf8').trimEnd().split('\n').slice(-TAIL_LINES);
      return `The last lines of ${this.path}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    } finally {
      await file.close();
    }
  }

  async #size(): Promise<number> {
    try {
      return (await stat(this.path)).size;
    } catch {
      return 0; // not written yet
    }
  }
}
