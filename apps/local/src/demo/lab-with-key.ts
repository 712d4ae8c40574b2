import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Lab, startLab } from '@diaken/lab';
import { ROOT } from '../local-environment';

/** Starts the lab, and lets a key of ours in to its guests. The key is made once per data folder. */
export async function startLabWithKey(dataFolder: string): Promise<{ lab: Lab; keyFile: string }> {
  const keyFile = join(dataFolder, 'demo', 'id_ed25519');
  await mkdir(join(dataFolder, 'demo'), { recursive: true, mode: 0o700 });
  if (!existsSync(keyFile)) {
    await promisify(execFile)('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'diaken-demo',
      '-f',
      keyFile,
    ]);
  }
  const lab = await startLab({
    root: ROOT,
    stateFolder: join(dataFolder, 'lab'),
    taskTimeMs: 800,
    addressAfterMs: 500,
  });
  await lab.authorize(await readFile(`${keyFile}.pub`, 'utf8'));
  return { lab, keyFile };
}
