import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { LogLine } from '@diaken/contracts';
import type { NewLogLine } from '@diaken/pipeline';
import * as z from 'zod';

/** A stored line: milliseconds since 1970, step, text. */
const PackedLines = z.array(z.tuple([z.number(), z.string(), z.string()]));

/** Compresses lines for one chunk. */
export function packLines(lines: readonly NewLogLine[]): Promise<Buffer> {
  const packed = lines.map(({ at, step, text }) => [at.getTime(), step, text]);
  return promisify(gzip)(JSON.stringify(packed), { level: 4 });
}

/** Reads a chunk whose first line has this number. */
export async function unpackLines(chunk: Buffer, firstLine: number): Promise<readonly LogLine[]> {
  const unpacked = await promisify(gunzip)(chunk);
  const lines = PackedLines.parse(JSON.parse(unpacked.toString('utf8')));
  return lines.map(([at, step, text], index) => ({
    line: firstLine + index,
    at: new Date(at).toISOString(),
    step,
    text,
  }));
}
