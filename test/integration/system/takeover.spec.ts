import { HostPage, LogPage, RunEventList, RunView } from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  type Needed,
  registerLab,
  storePlaybook,
} from '../../support/machines';
import { startSystem, type System } from '../../support/system';

/** Leaves one line in a file each time it runs, and takes long enough to be interrupted. */
const COUNTED = `---
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell: echo once >> /var/log/counted
    - ansible.builtin.command: sleep 8
    - ansible.builtin.command: cat /var/log/counted
      register: counted
    - ansible.builtin.debug: { msg: "counted {{ counted.stdout_lines | length }}" }
`;

describe('a run whose worker goes away', () => {
  let system: System;
  let needed: Needed;
  beforeAll(async () => {
    system = await startSystem({ workers: 0, lab: { taskTimeMs: 1_500 } });
    const worker = await system.startWorker();
    needed = await registerLab(system);
    await worker.stop();
  });
  afterAll(() => system?.stop());

  it('is given back by a worker that stops, and ended by the next one', async () => {
    const worker = await system.startWorker();
    const id = await deploy(system.client, input(system, needed, 'given-01', '127.77.80.1'));
    await reached(system, id, 'clone-template');
    await worker.stop();
    expect(await system.client.get(`runs/${id}`, RunView)).toMatchObject({ status: 'pending' });

    const next = await system.startWorker();
    const run = await finished(system.client, id);
    await next.stop();
    expect(run.failure).toBeNull();
    expect((await system.lab.rules.calls())['CloneVM_Task']).toBe(1);
  });

  it('is taken over from a worker that was killed: one machine, one playbook, a log without a gap', async () => {
    const { client, lab } = system;
    const playbookIds = [await storePlaybook(client, 'Counted', COUNTED)];
    const clonesBefore = (await lab.rules.calls())['CloneVM_Task'] ?? 0;
    const killed = await system.startWorker();
    const id = await deploy(client, {
      ...input(system, needed, 'taken-01', '127.77.80.2'),
      playbookIds,
    });
    await reached(system, id, 'run-playbooks');
    await expect
      .poll(async () => textsOf(system, id), { timeout: 60_000, interval: 100 })
      .toContainEqual(expect.stringContaining('TASK [ansible.builtin.command]'));
    process.kill(killed.pid, 'SIGKILL');

    const next = await system.startWorker();
    const run = await finished(client, id);
    await next.stop();
    expect(run.failure).toBeNull();
    expect((await lab.rules.calls())['CloneVM_Task']).toBe(clonesBefore + 1);
    const texts = await textsOf(system, id);
    expect(texts.filter((text) => text.includes('counted 1'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('PLAY RECAP'))).toHaveLength(2);
    const { items: hosts } = await client.get('hosts?name=taken-01', HostPage);
    expect(hosts).toHaveLength(1);
    const { items: events } = await client.get(`runs/${id}/events?limit=1000`, RunEventList);
    expect(events.filter(({ type }) => type === 'run.claimed')).toHaveLength(2);
  });
});

function input({ lab }: System, needed: Needed, hostname: string, address: string) {
  return machineInput(needed, lab, { hostname, network: { address } });
}

/** Waits until the step runs. */
async function reached({ client }: System, id: string, step: string): Promise<void> {
  const statusOf = async () => {
    const { steps } = await client.get(`runs/${id}`, RunView);
    return steps.find(({ name }) => name === step)?.status;
  };
  await expect.poll(statusOf, { timeout: 120_000, interval: 50 }).toBe('running');
}

async function textsOf({ client }: System, id: string): Promise<readonly string[]> {
  const { items } = await client.get(`runs/${id}/log?limit=5000`, LogPage);
  return items.map(({ text }) => text);
}
