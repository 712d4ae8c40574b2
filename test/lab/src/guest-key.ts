import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from './lab';

/** Lets a private key in to the lab's guests as root; made in the folder when it is not there. Answers its path. */
export async function guestKey(lab: Lab, folder: string): Promise<string> {
  const keyFile = join(folder, 'guest_ed25519');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(keyFile)) {
    const options = ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', keyFile];
    await promisify(execFile)('ssh-keygen', options);
  }
  await lab.authorize(await readFile(`${keyFile}.pub`, 'utf8'));
  return keyFile;
}
