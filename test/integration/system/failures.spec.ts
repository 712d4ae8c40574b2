import { CredentialView, LogPage, RunStatusView, RunView, VCenterCreated } from '@diaken/contracts';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  type Needed,
  onGuest,
  registerLab,
  settled,
  storePlaybook,
} from '../../support/machines';
import { startSystem, type System } from '../../support/system';

const BROKEN = `---
- hosts: all
  gather_facts: false
  tasks:
    - name: Ask for what is not there
      ansible.builtin.command: /bin/ls /no/such/folder
`;
const NOT_ANSIBLE = `---
- hosts: all
  tasks:
    - no_such_module_at_all: {}
`;

describe('a deployment that cannot work', () => {
  let system: System;
  let needed: Needed;
  beforeAll(async () => {
    system = await startSystem();
    needed = await registerLab(system);
  });
  afterAll(() => system?.stop());

  it('fails at the step whose playbook fails, keeps the machine and the log', async () => {
    const { client, lab } = system;
    const playbookIds = [await storePlaybook(client, 'Broken', BROKEN)];
    const input = machineInput(needed, lab, {
      hostname: 'broken-01',
      network: { address: '127.77.50.1' },
      playbookIds,
    });
    const run = await finished(client, await deploy(client, input));

    expect(run.status).toBe('failed');
    expect(run.failure).toMatchObject({ step: 'run-playbooks', code: 'playbook-failed' });
    expect(run.failure?.message).toContain('Ask for what is not there');
    expect(run.failure?.message).toContain('/no/such/folder');
    expect(run.failure?.remedy).not.toBe('');
    expect(run.actions).toEqual(['resume', 'roll-back']);
    expect(run.hosts.find(({ playbook }) => playbook === 'Broken')).toMatchObject({ failed: 1 });
    expect(await onGuest(system, '127.77.50.1', 'hostname -s')).toBe('broken-01');
    const log = await client.get(`runs/${run.id}/log?limit=5000`, LogPage);
    expect(log.items.some(({ text }) => text.includes('Ask for what is not there'))).toBe(true);
  });

  it('tells a playbook that is no Ansible from one that fails', async () => {
    const { client, lab } = system;
    const playbookIds = [await storePlaybook(client, 'Not Ansible', NOT_ANSIBLE)];
    const input = machineInput(needed, lab, {
      hostname: 'broken-02',
      network: { address: '127.77.50.2' },
      playbookIds,
    });
    const run = await finished(client, await deploy(client, input));
    expect(run.failure).toMatchObject({ step: 'preflight', code: 'playbook-refused' });
    expect(run.failure?.message).toContain('no_such_module_at_all');
  });

  it('says that a template is gone from vCenter although the inventory knows it', async () => {
    const { client, lab } = system;
    await lab.rules.add({
      method: 'RetrievePropertiesEx',
      action: 'fault',
      fault: 'ManagedObjectNotFound',
      count: 1,
    });
    const input = machineInput(needed, lab, {
      hostname: 'gone-01',
      network: { address: '127.77.50.3' },
    });
    const run = await finished(client, await deploy(client, input));
    await lab.rules.clear();
    expect(run.status).toBe('failed');
    expect(run.failure?.step).toBe('preflight');
    expect(['template-missing', 'placement-missing', 'vcenter-fault']).toContain(run.failure?.code);
  });

  it('ends at the clone when vCenter has no resources, and says what vCenter said', async () => {
    const { client, lab } = system;
    await lab.rules.add({
      method: 'CloneVM_Task',
      action: 'task-fault',
      fault: 'InsufficientResourcesFault',
      count: 1,
    });
    const input = machineInput(needed, lab, {
      hostname: 'poor-01',
      network: { address: '127.77.50.4' },
    });
    const run = await finished(client, await deploy(client, input));
    expect(run).toMatchObject({ status: 'failed', failure: { step: 'clone-template' } });
    expect(run.failure?.message).toContain('too little CPU or memory');
  });

  it('clones once when the answer of vCenter is lost', async () => {
    const { client, lab } = system;
    await lab.rules.add({ method: 'CloneVM_Task', action: 'reset-after', count: 1 });
    const before = (await lab.rules.calls())['CloneVM_Task'] ?? 0;
    const input = machineInput(needed, lab, {
      hostname: 'lost-01',
      network: { address: '127.77.50.5' },
    });
    const run = await finished(client, await deploy(client, input));
    expect(run.failure).toBeNull();
    expect((await lab.rules.calls())['CloneVM_Task']).toBe(before + 1);
  });

  it('never configures another machine that answers at the address', async () => {
    const { client, lab } = system;
    // The product UUID that the guest tells is the one of the machine of another run.
    const first = await finished(
      client,
      await deploy(
        client,
        machineInput(needed, lab, { hostname: 'own-01', network: { address: '127.77.50.6' } }),
      ),
    );
    expect(first.status).toBe('success');
    const hosts = `${await onGuest(system, '127.77.50.6', 'cat /etc/ansible/facts.d/diaken.fact')}`;
    await client.remove(`hosts/${String(first.result['hostId'])}`);
    const run = await finished(
      client,
      await deploy(
        client,
        machineInput(needed, lab, { hostname: 'thief-01', network: { address: '127.77.50.6' } }),
      ),
    );
    expect(run.status).toBe('failed');
    expect(run.failure).toMatchObject({ step: 'preflight', code: 'address-taken' });
    expect(await onGuest(system, '127.77.50.6', 'cat /etc/ansible/facts.d/diaken.fact')).toBe(
      hosts,
    );
  });

  it('keeps asking a guest that does not let it in yet, and says so', async () => {
    const { client, lab } = system;
    const otherKey = join(system.folder, 'other_key');
    await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', otherKey]);
    const { id: credentialId } = await client.post(
      'credentials',
      {
        name: 'Refused',
        kind: 'ssh-key',
        username: 'root',
        privateKey: await readFile(otherKey, 'utf8'),
      },
      CredentialView,
    );
    const input = machineInput({ ...needed, credentialId }, lab, {
      hostname: 'refused-01',
      network: { address: '127.77.50.7' },
    });
    const id = await deploy(client, input);
    await expect
      .poll(
        async () => stepOf(await client.get(`runs/${id}`, RunView), 'wait-for-login')?.message,
        {
          timeout: 60_000,
          interval: 200,
        },
      )
      .toContain('refuses the key of user "root"');
  });
});

describe('a vCenter that takes a minute for every call', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ lab: { guests: false } });
  });
  afterAll(() => system?.stop());

  it('keeps nobody waiting: requests are taken and runs can be read', async () => {
    const { client, lab } = system;
    const needed = await registerLab(system);
    await lab.rules.add({ action: 'delay', ms: 60_000 });
    const id = await deploy(
      client,
      machineInput(needed, lab, { hostname: 'slow-01', network: { address: '127.77.51.1' } }),
    );
    await expect
      .poll(async () => (await client.get(`runs/${id}/status`, RunStatusView)).status, {
        interval: 100,
      })
      .toBe('running');
    const run = await client.get(`runs/${id}`, RunView);
    expect(run.steps[0]).toMatchObject({ name: 'preflight', status: 'running' });
    await lab.rules.clear();
  });
});

describe('a vCenter that cannot be used', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ lab: { guests: false } });
  });
  afterAll(() => system?.stop());

  it.each([
    ['a wrong password', { password: 'wrong' }, 'vcenter-login-refused'],
    [
      'another certificate',
      { tls: { mode: 'pin', sha256: 'a'.repeat(64) } },
      'vcenter-certificate-refused',
    ],
    ['a certificate of nobody we know', { tls: { mode: 'system' } }, 'vcenter-certificate-refused'],
  ])('is told apart: %s', async (name, wrong, code) => {
    const { client, lab } = system;
    const created = await client.post(
      'vcenters',
      {
        name,
        url: lab.url,
        username: lab.username,
        password: lab.password,
        tls: { mode: 'pin', sha256: lab.certificateSha256 },
        ...wrong,
      },
      VCenterCreated,
    );
    const status = await settled(client, created.syncRunId);
    expect(status.failure).toMatchObject({ step: 'read-inventory', code });
    expect(status.failure?.message).not.toContain(lab.password);
  });
});

function stepOf(run: RunView, name: string) {
  return run.steps.find((step) => step.name === name);
}
