import { readFile } from 'node:fs/promises';
import {
  CredentialPage,
  CredentialView,
  EnvironmentPage,
  EnvironmentView,
  HostPage,
  PlaybookPage,
  PlaybookView,
  RunAccepted,
  type RunStatusView,
  RunStatusView as RunStatusSchema,
  VCenterCreated,
  VCenterPage,
  VCenterView,
} from '@diaken/contracts';
import type { Lab } from '@diaken/lab';
import type { RestClient } from '@diaken/client';

const NAMES = {
  vcenter: 'Lab',
  credential: 'Lab guests',
  environment: 'Demo',
  playbook: 'Welcome page',
};

/** Something small that leaves its mark on the guest. */
const WELCOME_PLAYBOOK = `---
- name: Put a welcome page on the machine
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Create the folder
      ansible.builtin.file:
        path: /srv/www
        state: directory
        mode: '0755'
    - name: Write the page
      ansible.builtin.copy:
        dest: /srv/www/index.html
        content: "Welcome to {{ inventory_hostname }}, {{ greeting }}\\n"
        mode: '0644'
`;

/** What the demo's machine needs, by id. */
export interface Prepared {
  readonly vcenterId: string;
  readonly credentialId: string;
  readonly environmentId: string;
  readonly playbookId: string;
}

/** Registers the lab as any vCenter, and what else a machine needs. What an earlier demo left is used again. */
export async function prepare(client: RestClient, lab: Lab, keyFile: string): Promise<Prepared> {
  const vcenterId = await prepareVCenter(client, lab);
  await forgetHosts(client, vcenterId);
  return {
    vcenterId,
    credentialId: await prepareCredential(client, keyFile),
    environmentId: await prepareEnvironment(client),
    playbookId: await preparePlaybook(client),
  };
}

async function prepareVCenter(client: RestClient, lab: Lab): Promise<string> {
  const settings = {
    name: NAMES.vcenter,
    url: lab.url,
    username: lab.username,
    password: lab.password,
    tls: { mode: 'pin', sha256: lab.certificateSha256 },
  };
  const { items } = await client.get('vcenters?limit=200', VCenterPage);
  const known = items.find(({ name }) => name === NAMES.vcenter);
  if (!known) {
    const created = await client.post('vcenters', settings, VCenterCreated);
    await settled(client, created.syncRunId);
    return created.id;
  }
  await client.change('PATCH', `vcenters/${known.id}`, settings, VCenterView);
  const sync = await client.post(`vcenters/${known.id}/sync`, {}, RunAccepted);
  await settled(client, sync.id);
  return known.id;
}

/** The lab forgets its machines when it ends, so hosts of an earlier demo are gone. */
async function forgetHosts(client: RestClient, vcenterId: string): Promise<void> {
  const { items } = await client.get('hosts?limit=200', HostPage);
  for (const host of items.filter((candidate) => candidate.vcenterId === vcenterId)) {
    await client.remove(`hosts/${host.id}`);
  }
}

async function prepareCredential(client: RestClient, keyFile: string): Promise<string> {
  const { items } = await client.get('credentials?limit=200', CredentialPage);
  const known = items.find(({ name }) => name === NAMES.credential);
  if (known) {
    return known.id;
  }
  const input = {
    name: NAMES.credential,
    kind: 'ssh-key',
    username: 'root',
    privateKey: await readFile(keyFile, 'utf8'),
  };
  return (await client.post('credentials', input, CredentialView)).id;
}

async function prepareEnvironment(client: RestClient): Promise<string> {
  const { items } = await client.get('environments?limit=200', EnvironmentPage);
  const known = items.find(({ name }) => name === NAMES.environment);
  const input = { name: NAMES.environment, description: 'Machines of the demo' };
  return known?.id ?? (await client.post('environments', input, EnvironmentView)).id;
}

async function preparePlaybook(client: RestClient): Promise<string> {
  const { items } = await client.get('playbooks?limit=200', PlaybookPage);
  const known = items.find(({ name }) => name === NAMES.playbook);
  const input = {
    name: NAMES.playbook,
    description: 'A page in /srv/www',
    content: WELCOME_PLAYBOOK,
  };
  return known?.id ?? (await client.post('playbooks', input, PlaybookView)).id;
}

/** Waits for a run; throws why it failed. */
async function settled(client: RestClient, runId: string): Promise<RunStatusView> {
  const status = await client.get(`runs/${runId}/wait?timeout=120`, RunStatusSchema);
  if (status.status !== 'success') {
    const { message = `it is still ${status.status}`, remedy = '' } = status.failure ?? {};
    throw new Error(`The inventory of the lab was not read: ${message} ${remedy}`);
  }
  return status;
}
