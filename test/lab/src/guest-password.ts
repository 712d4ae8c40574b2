import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lets root in with this password on guests of the lab in this state folder that start from now on. */
export async function guestPassword(stateFolder: string, password: string): Promise<void> {
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password });
  await writeFile(join(stateFolder, 'root-password-hash'), hash, { mode: 0o600 });
}
