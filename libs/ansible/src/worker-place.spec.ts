import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeOf } from './worker-place';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diaken-place-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('placeOf', () => {
  it('is one for all workers that share a folder, also when they begin at the same time', async () => {
    const runs = join(folder, 'runs');
    const places = await Promise.all(Array.from({ length: 20 }, () => placeOf(runs)));

    expect(new Set(places.map(({ id }) => id)).size).toBe(1);
    expect(await placeOf(runs)).toEqual(places[0]);
    expect(await readdir(runs)).toEqual(['.place']);
  });

  it('is another one for another folder', async () => {
    const [one, other] = await Promise.all(
      ['one', 'other'].map((name) => placeOf(join(folder, name))),
    );

    expect(one?.id).not.toBe(other?.id);
  });

  it('is for the worker only to read', async () => {
    await placeOf(folder);

    expect((await stat(join(folder, '.place'))).mode & 0o777).toBe(0o600);
  });

  it('is not guessed when its file holds something else', async () => {
    await writeFile(join(folder, '.place'), '');

    await expect(placeOf(folder)).rejects.toThrow(`${folder}/.place must hold an id`);
  });
});
