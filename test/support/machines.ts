import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RestClient } from '@diaken/client';
import {
  CredentialView,
  type DeploymentInput,
  LogPage,
  PlaybookView,
  RunAccepted,
  RunStatusView,
  RunView,
  VCenterCreated,
} from '@diaken/contracts';
import type { Lab } from '@diaken/lab';

/** What a test has to know of a running system. */
export interface SystemAccess {
  readonly client: RestClient;
  readonly lab: Pick<Lab, 'url' | 'username' | 'password' | 'certificateSha256' | 'sshPort'>;
  readonly keyFile: string;
}

/** Ids of what every machine needs. */
export interface Needed {
  readonly vcenterId: string;
  readonly credentialId: string;
}

/** Registers the lab's vCenter and its guests' key; waits until the inventory has been read. */
export async function registerLab(
  { client, lab, keyFile }: SystemAccess,
  name = 'Lab',
): Promise<Needed> {
  const vcenter = await client.post(
    'vcenters',
    {
      name,
      url: lab.url,
      username: lab.username,
      password: lab.password,
      tls: { mode: 'pin', sha256: lab.certificateSha256 },
    },
    VCenterCreated,
  );
  const status = await settled(client, vcenter.syncRunId);
  if (status.status !== 'success') {
    throw new Error(`The inventory was not read: ${status.failure?.message}`);
  }
  const credential = await client.post(
    'credentials',
    {
      name: `${name} guests`,
      kind: 'ssh-key',
      username: 'root',
      privateKey: await readFile(keyFile, 'utf8'),
    },
    CredentialView,
  );
  return { vcenterId: vcenter.id, credentialId: credential.id };
}

type Overrides = Omit<Partial<DeploymentInput>, 'network'> & {
  network?: Partial<DeploymentInput['network']>;
};

/** A request for a machine in the lab; tests say only what matters to them. */
export function machineInput(
  needed: Needed,
  lab: Pick<Lab, 'sshPort'>,
  { network, ...more }: Overrides & { hostname: string; network: { address: string } },
): DeploymentInput {
  return {
    ...needed,
    template: 'debian-12',
    cluster: 'DC0_C0',
    datastore: 'LocalDS_0',
    cpus: 2,
    memoryMb: 2048,
    sshPort: lab.sshPort,
    ...more,
    network: {
      portGroup: 'DC0_DVPG0',
      cidr: '127.77.0.0/16',
      gateway: '127.77.0.1',
      dns: ['127.77.0.2'],
      ...network,
    },
  };
}

/** Asks for a machine; answers the run's id. */
export async function deploy(client: RestClient, input: DeploymentInput): Promise<string> {
  return (await client.post('deployments', input, RunAccepted)).id;
}

/** Waits until the run has settled; throws when that takes more than five minutes. */
export function settled(client: RestClient, runId: string): Promise<RunStatusView> {
  return client.get(`runs/${runId}/wait?timeout=300`, RunStatusView);
}

/** Waits until the run has settled; answers it in full. */
export async function finished(client: RestClient, runId: string): Promise<RunView> {
  await settled(client, runId);
  return client.get(`runs/${runId}`, RunView);
}

/** The texts of a run's log. */
export async function logOf(client: RestClient, runId: string): Promise<readonly string[]> {
  const { items } = await client.get(`runs/${runId}/log?limit=5000`, LogPage);
  return items.map(({ text }) => text);
}

/** The steps of a deployment that come before the chosen playbooks. */
export function stepsBeforePlaybooks({ steps }: RunView): RunView['steps'] {
  return steps.slice(
    0,
    steps.findIndex(({ name }) => name === 'run-playbooks'),
  );
}

/** Stores a playbook; answers its id. */
export async function storePlaybook(
  client: RestClient,
  name: string,
  content: string,
): Promise<string> {
  return (await client.post('playbooks', { name, content }, PlaybookView)).id;
}

/** Runs a command on a guest as root; answers what it prints. */
export async function onGuest(
  { keyFile, lab }: Pick<SystemAccess, 'keyFile' | 'lab'>,
  address: string,
  command: string,
): Promise<string> {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'BatchMode=yes',
  ];
  const { stdout } = await promisify(execFile)('ssh', [
    ...options.flatMap((option) => ['-o', option]),
    ...['-i', keyFile, '-p', String(lab.sshPort), `root@${address}`, command],
  ]);
  return stdout.trim();
}
