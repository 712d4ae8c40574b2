import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { EmbeddedError, systemCode } from './embedded-error';
import { waitUntil } from './wait-until';

/** Longer than the longest start: a new database, or the recovery of a large one. */
const LOCK_TIMEOUT_MS = 240_000;

/**
 * Runs a task while no other process starts or stops servers of the same folder. The lock is an
 * abstract socket name: the kernel gives it to one process and frees it when that process dies,
 * however it dies.
 */
export async function withFolderLock<T>(
  folder: string,
  task: () => Promise<T>,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<T> {
  const { dev, ino } = await stat(folder);
  const digest = createHash('sha256').update(`${dev}:${ino}:${folder}`).digest('hex');
  const name = `\0diaken-embedded-${digest}`;
  let lock: Server | undefined;
  await waitUntil(async () => (lock = await listen(name)) !== undefined, timeoutMs);
  if (!lock) {
    throw new EmbeddedError(
      'locked',
      `Waited ${timeoutMs / 1000} s while another process was starting or stopping the database ` +
        `servers of ${folder}. Look for a launcher that hangs and end it, then start again.`,
    );
  }
  try {
    return await task();
  } finally {
    lock.close();
  }
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('listening', () => resolve(server));
    server.once('error', (error) =>
      systemCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({ path, exclusive: true });
  });
}
