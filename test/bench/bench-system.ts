import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RestClient } from '@diaken/client';
import { ApiTokenCreated } from '@diaken/contracts';
import type { NodeServer } from '@diaken/embedded';
import { startLab } from '@diaken/lab';
import { type Needed, registerLab } from '../support/machines';
import { ADMIN, ROOT } from '../support/system';
import { type BenchServers, startBenchServers } from './bench-servers';

/** The servers, with an API that runs. */
export interface BenchSystem extends BenchServers {
  readonly origin: string;
  readonly api: NodeServer;
  /** Reads the lab's inventory with the help of a worker; answers what every request needs. */
  registerLab(): Promise<{ readonly needed: Needed; readonly token: string }>;
}

/** Starts it in a folder of its own on the disk; everything ends and is removed by `stop`. */
export async function startBenchSystem(): Promise<BenchSystem> {
  const servers = await startBenchServers();
  try {
    const { api, origin } = await servers.startApi();
    return { ...servers, api, origin, registerLab: () => register(origin, servers.folder) };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function register(
  origin: string,
  folder: string,
): Promise<{ readonly needed: Needed; readonly token: string }> {
  const client = new RestClient(origin);
  await client.signIn(ADMIN.username, ADMIN.password);
  const keyFile = join(folder, 'id_ed25519');
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
  const lab = await startLab({ root: ROOT, stateFolder: join(folder, 'lab'), guests: false });
  try {
    const needed = await registerLab({ client, lab, keyFile });
    const { token } = await client.post('tokens', { name: 'bench' }, ApiTokenCreated);
    return { needed, token };
  } finally {
    await lab.stop();
  }
}
