import { open, type FileHandle } from 'node:fs/promises';
import { isErrnoException } from './errno';

const CHUNK_BYTES = 64 * 1024;

/** Where to begin, and how long a line may get before it is told in pieces, bytes. */
export interface LineTailOptions {
  readonly offset?: number;
  readonly longestBytes?: number;
}

/** Reads a growing file from a byte offset, whole lines only. */
export class LineTail {
  private file: FileHandle | undefined;
  private rest: Buffer = Buffer.alloc(0);
  private at: number;
  private readonly longest: number;

  constructor(
    private readonly path: string,
    { offset = 0, longestBytes = Number.POSITIVE_INFINITY }: LineTailOptions = {},
  ) {
    this.at = offset;
    this.longest = longestBytes;
  }

  /** The byte after the last line told. */
  get offset(): number {
    return this.at;
  }

  /** Tells the whole lines of the next chunk; false when there is nothing new. A missing file is an empty one. */
  async next(tell: (line: string) => void): Promise<boolean> {
    this.file ??= await openIfThere(this.path);
    if (!this.file) {
      return false;
    }
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const from = this.at + this.rest.length;
    const { bytesRead } = await this.file.read(chunk, 0, CHUNK_BYTES, from);
    this.rest = Buffer.concat([this.rest, chunk.subarray(0, bytesRead)]);
    this.tellLines(tell);
    return bytesRead > 0;
  }

  /** Tells what follows the last line end. For files that nobody writes any more. */
  tellRest(tell: (line: string) => void): void {
    if (this.rest.length > 0) {
      this.tellBytes(this.rest.length, 0, tell);
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private tellLines(tell: (line: string) => void): void {
    for (let end = this.lineEnd(); end; end = this.lineEnd()) {
      this.tellBytes(end.bytes, end.terminator, tell);
    }
  }

  /** How many bytes the next line has; undefined while its end is not there. */
  private lineEnd(): { bytes: number; terminator: number } | undefined {
    const newline = this.rest.indexOf(0x0a);
    if (newline >= 0 && newline <= this.longest) {
      return { bytes: newline, terminator: 1 };
    }
    return this.rest.length > this.longest
      ? { bytes: characterStart(this.rest, this.longest), terminator: 0 }
      : undefined;
  }

  private tellBytes(bytes: number, terminator: number, tell: (line: string) => void): void {
    const line = this.rest.toString('utf8', 0, bytes);
    this.rest = this.rest.subarray(bytes + terminator);
    this.at += bytes + terminator;
    tell(line);
  }
}

/** The last place at or before `index` where a UTF-8 character begins. */
function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) {
    start -= 1;
  }
  return start > 0 ? start : index;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isErrnoException(error, 'ENOENT')) {
      return undefined; // the run has not written it yet
    }
    throw error;
  }
}
