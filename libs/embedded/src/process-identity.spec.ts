import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { findProcess, isRunning, readProcess, signalProcess } from './process-identity';

it('knows a living process, and a later one of the same number is another', async () => {
  const self = await readProcess(process.pid);
  expect(self?.parent).toBe(process.ppid);
  expect(await isRunning({ pid: process.pid, startTicks: self?.startTicks ?? '' })).toBe(true);
  expect(await isRunning({ pid: process.pid, startTicks: '1' })).toBe(false);
});

it('finds a process by its words, and signals only that one', async () => {
  const words = `3${process.pid}.25 1${process.pid}`;
  const child = spawn('sleep', words.split(' '), { stdio: 'ignore' });
  await once(child, 'spawn');
  const found = await findProcess(`sleep ${words}`);
  expect(found?.pid).toBe(child.pid);
  if (!found) return;

  await signalProcess({ ...found, startTicks: '1' }, 'SIGKILL');
  expect(await isRunning(found)).toBe(true);
  const exit = once(child, 'exit');
  await signalProcess(found, 'SIGTERM');
  await exit;
  await expect(signalProcess(found, 'SIGTERM')).resolves.toBeUndefined();
  expect(await findProcess(`sleep ${words}`)).toBeUndefined();
});

it('does not find a process by a part of a word', async () => {
  const child = spawn('sleep', [`4${process.pid}`], { stdio: 'ignore' });
  await once(child, 'spawn');
  expect(await findProcess(`sleep 4${String(process.pid).slice(0, -1)}`)).toBeUndefined();
  child.kill();
});
