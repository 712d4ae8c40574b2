import { join } from 'node:path';
import { guestKey, type Lab, startLab } from '@diaken/lab';
import { ROOT } from '../local-environment';

/** Starts the lab, slow enough to watch, and lets a key of ours in to its guests. */
export async function startLabWithKey(dataFolder: string): Promise<{ lab: Lab; keyFile: string }> {
  const lab = await startLab({
    root: ROOT,
    stateFolder: join(dataFolder, 'lab'),
    taskTimeMs: 800,
    addressAfterMs: 500,
  });
  return { lab, keyFile: await guestKey(lab, join(dataFolder, 'demo')) };
}
