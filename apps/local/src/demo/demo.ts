import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ProblemAnswer, RestClient } from '@diaken/client';
import type { RunView } from '@diaken/contracts';
import { startNodeServer } from '@diaken/embedded';
import type { Lab } from '@diaken/lab';
import { freePort } from '../free-port';
import { type LocalEnvironment, localEnvironment, ROOT, secretFile } from '../local-environment';
import { Stopping } from '../stopping';
import { type AskedMachine, askForMachine } from './ask-for-machine';
import { startLabWithKey } from './lab-with-key';
import { prepare } from './prepare';
import { RunDisplay } from './run-display';
import { watchRun } from './watch-run';

const ADMINISTRATOR = 'admin';

/** Where the demo's web page is, and who may sign in. */
interface Served {
  readonly url: string;
  readonly password: string;
}

/** Shows the main job: starts everything, asks for one machine over REST, and follows it. Answers the exit code. */
export async function demo({ once }: { readonly once: boolean }): Promise<number> {
  const stopping = new Stopping();
  try {
    const work = play(stopping, once);
    const ended = await Promise.race([work, stopping.signal]);
    return ended === 'interrupted' ? 130 : ended;
  } finally {
    console.log(once ? '' : '\nStopping …');
    await stopping.stopAll();
    if (lastLine) {
      console.log(lastLine);
    }
  }
}

/** Printed after everything has stopped, so that it is the last line. */
let lastLine = '';

async function play(stopping: Stopping, once: boolean): Promise<number> {
  console.log('Starting PostgreSQL, Redis and the lab …');
  const local = await localEnvironment();
  stopping.add(() => local.stop());
  const { lab, keyFile } = await startLabWithKey(local.dataFolder);
  stopping.add(() => lab.stop());
  console.log('Starting the API and a worker …');
  const served = await startServers(local, stopping);
  const client = new RestClient(served.url);
  await signIn(client, served.password);
  console.log('Registering the lab’s vCenter and an SSH key …');
  const prepared = await prepare(client, lab, keyFile);
  const machine = await askForMachine(client, lab, prepared);
  console.log(`\nAsked for ${machine.hostname} at ${machine.address}: run ${machine.runId}\n`);
  const run = await watchRun(client, machine.runId, new RunDisplay(process.stdout));
  tellEnd(run);
  if (once) {
    return run.status === 'success' ? 0 : 1;
  }
  tellWhereToGoOn(served, machine, keyFile, lab);
  await stopping.signal;
  return run.status === 'success' ? 0 : 1;
}

async function startServers(local: LocalEnvironment, stopping: Stopping): Promise<Served> {
  const port = await freePort(Number(local.variables['DIAKEN_API_PORT'] ?? 3000));
  const workerPort = await freePort(Number(local.variables['DIAKEN_WORKER_HEALTH_PORT'] ?? 3001));
  const passwordFile = join(local.dataFolder, 'demo', 'admin-password');
  const password = await secretFile(passwordFile, () => randomBytes(12).toString('base64url'));
  const url = `http://127.0.0.1:${port}`;
  const variables = {
    DIAKEN_VCENTER_POLL_MS: '300',
    DIAKEN_WORKER_GRACE_SECONDS: '0',
    ...local.variables,
    DIAKEN_API_PORT: String(port),
    DIAKEN_WORKER_HEALTH_PORT: String(workerPort),
    DIAKEN_ADMIN_PASSWORD_FILE: passwordFile,
  };
  const start = async (name: 'api' | 'worker', readyUrl: string) => {
    const program = join(ROOT, `dist/apps/${name}/main.js`);
    const logFile = join(local.dataFolder, `${name}.log`);
    const server = await startNodeServer({ name, program, variables, readyUrl, logFile });
    stopping.add(() => server.stop());
  };
  await start('api', `${url}/api/v1/health/ready`);
  await start('worker', `http://127.0.0.1:${workerPort}/health/ready`);
  return { url, password };
}

async function signIn(client: RestClient, password: string): Promise<void> {
  try {
    await client.signIn(ADMINISTRATOR, password);
  } catch (error) {
    if (error instanceof ProblemAnswer && error.problem.code === 'wrong-credentials') {
      throw new Error(
        'The database has an administrator with another password than the demo’s. ' +
          'Write it into .data/demo/admin-password, or use another data folder (DIAKEN_DATA_FOLDER).',
        { cause: error },
      );
    }
    throw error;
  }
}

function tellEnd({ id, status, createdAt, endedAt, failure, steps }: RunView): void {
  const seconds = Math.round((Date.parse(endedAt ?? createdAt) - Date.parse(createdAt)) / 1_000);
  lastLine = `run ${id} ${status} in ${seconds} s`;
  if (failure) {
    const title = steps.find(({ name }) => name === failure.step)?.title ?? failure.step;
    console.log(`\nFailed at "${title}": ${failure.message}\n${failure.remedy}`);
  }
}

function tellWhereToGoOn(
  { url, password }: Served,
  { address }: AskedMachine,
  key: string,
  lab: Lab,
): void {
  console.log(`
  ${lastLine}

  Web        ${url}
  User       ${ADMINISTRATOR}
  Password   ${password}
  API        ${url}/api/docs
  The guest  ssh -i ${key} -p ${lab.sshPort} -o StrictHostKeyChecking=accept-new root@${address}

  Ctrl-C ends everything.`);
}
