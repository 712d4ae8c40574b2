import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PlayPlace } from '@diaken/provisioning';
import * as z from 'zod';
import { isErrnoException } from './errno';

/** No folder of a run begins with a dot. */
const FILE = '.place';

/**
 * The place that a folder of runs is. Its id is in a file there, made when it is missing: all workers that share the
 * folder have the same, and keep it when their machine is started again or gets another name.
 */
export async function placeOf(runsFolder: string): Promise<PlayPlace> {
  const path = join(runsFolder, FILE);
  let id = await idIn(path);
  if (id === undefined) {
    await makeId(runsFolder, path);
    id = await idIn(path);
  }
  return { id: z.uuid({ error: `${path} must hold an id` }).parse(id), name: hostname() };
}

async function idIn(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isErrnoException(error, 'ENOENT')) {
      return undefined; // nobody has played here yet
    }
    throw error;
  }
}

/** Whoever links first decides, should several workers do it at a time; nobody ever sees half a file. */
async function makeId(runsFolder: string, path: string): Promise<void> {
  const id = randomUUID();
  const draft = `${path}-${id}`;
  await mkdir(runsFolder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(draft, `${id}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await link(draft, path);
  } catch (error) {
    if (!isErrnoException(error, 'EEXIST')) {
      throw error; // otherwise another worker was faster
    }
  } finally {
    await rm(draft, { force: true });
  }
}
