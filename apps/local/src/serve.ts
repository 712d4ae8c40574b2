import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { localEnvironment, ROOT } from './local-environment';
import { Stopping } from './stopping';

/** Runs one built server in the foreground, with embedded PostgreSQL and Redis where none are named. */
export async function serve(name: 'api' | 'worker', args: readonly string[] = []): Promise<number> {
  const stopping = new Stopping();
  const local = await localEnvironment();
  stopping.add(() => local.stop());
  const program = join(ROOT, `dist/apps/${name}/main.js`);
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    env: local.variables,
    stdio: 'inherit',
  });
  void stopping.signal.then(() => child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  await stopping.stopAll();
  return typeof code === 'number' ? code : 1;
}
