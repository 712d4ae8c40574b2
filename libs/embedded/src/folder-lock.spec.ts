import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withFolderLock } from './folder-lock';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'diaken-lock-'))));
afterEach(() => rm(folder, { recursive: true }));

it('lets one task in at a time', async () => {
  let inside = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++inside);
    await sleep(5);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFolderLock(folder, task)));
  expect(most).toBe(1);
});

it('is free again after a task that failed', async () => {
  const failing = withFolderLock(folder, () => Promise.reject(new Error('no luck')));
  await expect(failing).rejects.toThrow('no luck');
  await expect(withFolderLock(folder, async () => 'in')).resolves.toBe('in');
});

it('says what it waited for when the lock stays taken', async () => {
  let finish = () => {};
  const holding = withFolderLock(folder, () => new Promise<void>((done) => (finish = done)));
  await sleep(20);
  await expect(withFolderLock(folder, async () => 'in', 100)).rejects.toMatchObject({
    problem: 'locked',
    message: expect.stringContaining(folder),
  });
  finish();
  await holding;
});
