import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { systemCode } from './embedded-error';

const PASSWORD_BYTES = 24;

/** The password kept in this file (0600); generated at the first call. */
export async function readOrCreatePassword(path: string): Promise<string> {
  try {
    const password = (await readFile(path, 'utf8')).trim();
    if (password !== '') return password;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const password = randomBytes(PASSWORD_BYTES).toString('hex');
  await replaceFile(path, `${password}\n`);
  return password;
}

/** Writes a 0600 file so that a reader sees the old or the new content, never a part. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, content, { mode: 0o600, flush: true });
  await rename(draft, path);
}
