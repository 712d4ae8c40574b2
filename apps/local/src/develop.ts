import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startLabWithKey } from './demo/lab-with-key';
import { localEnvironment, ROOT } from './local-environment';
import { Stopping } from './stopping';

/** Runs everything with rebuilds and restarts on change: lab, API, worker and the SPA's development server. */
export async function develop(): Promise<number> {
  const stopping = new Stopping();
  try {
    const local = await localEnvironment();
    stopping.add(() => local.stop());
    const { lab, keyFile } = await startLabWithKey(local.dataFolder);
    stopping.add(() => lab.stop());
    const variables = {
      ...local.variables,
      DIAKEN_LOG_LEVEL: process.env['DIAKEN_LOG_LEVEL'] ?? 'debug',
    };
    for (const app of ['api', 'worker'] as const) {
      stopping.add(
        run(['vite', 'build', '--watch', '--config', `apps/${app}/vite.config.mts`], variables),
      );
      stopping.add(
        run(['node', '--watch', '--enable-source-maps', `dist/apps/${app}/main.js`], variables),
      );
    }
    stopping.add(run(['nx', 'serve', 'web'], variables));
    console.log(`
  The lab's vCenter   ${lab.url}  (${lab.username} / ${lab.password}, SHA-256 ${lab.certificateSha256})
  Its guests' SSH key ${keyFile}
  API                 http://127.0.0.1:${local.variables['DIAKEN_API_PORT'] ?? 3000}/api/docs
  Web                 http://127.0.0.1:4200 (as soon as it is built)
  Ctrl-C ends everything.
`);
    await stopping.signal;
    return 0;
  } finally {
    await stopping.stopAll();
  }
}

/** Starts a program of the workspace; answers how to end it with all that it started. */
function run(
  [name = '', ...args]: readonly string[],
  variables: NodeJS.ProcessEnv,
): () => Promise<void> {
  const program = join(ROOT, 'node_modules/.bin', name);
  const child = spawn(program, args, {
    cwd: ROOT,
    env: variables,
    stdio: 'inherit',
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
  };
}
