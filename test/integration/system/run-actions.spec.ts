import { ProblemAnswer } from '@diaken/client';
import { PlaybookView, RunAccepted, RunView } from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  onGuest,
  stepsBeforePlaybooks,
  storePlaybook,
} from '../../support/machines';
import { sharedSystem } from '../../support/shared-system';

const playbook = (command: string) =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.command: ${command}\n`;

describe('an operator', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  beforeAll(async () => {
    system = await sharedSystem();
  });
  const act = (id: string, action: string) =>
    system.client.post(`runs/${id}/${action}`, {}, RunAccepted);
  const request = (hostname: string, address: string, playbookIds: string[] = []) =>
    machineInput(system.needed, system.lab, { hostname, network: { address }, playbookIds });

  it('resumes a failed run where it failed, on the same machine', async () => {
    const { client } = system;
    const id = await storePlaybook(client, 'Mended later', playbook('/bin/false'));
    const failed = await finished(
      client,
      await deploy(client, request('resume-01', '127.77.81.1', [id])),
    );
    expect(failed.status).toBe('failed');
    const mended = { name: 'Mended later', content: playbook('/bin/true') };
    await client.change('PUT', `playbooks/${id}`, mended, PlaybookView);

    await act(failed.id, 'resume');
    const run = await finished(client, failed.id);
    expect(run).toMatchObject({ status: 'success', failure: null });
    const attempts = Object.fromEntries(run.steps.map((step) => [step.name, step.attempts]));
    expect(attempts).toMatchObject({
      'clone-template': 1,
      'configure-guest': 1,
      'run-playbooks': 2,
    });
    expect(stepsBeforePlaybooks(run)).toEqual(stepsBeforePlaybooks(failed));
  });

  it('rolls a failed run back: the machine is gone, name and address are free', async () => {
    const { client } = system;
    const id = await storePlaybook(client, 'Always fails', playbook('/bin/false'));
    const input = request('undo-01', '127.77.81.2', [id]);
    const failed = await finished(client, await deploy(client, input));
    expect(await onGuest(system, '127.77.81.2', 'hostname -s')).toBe('undo-01');

    await act(failed.id, 'roll-back');
    expect(await finished(client, failed.id)).toMatchObject({
      status: 'rolled_back',
      actions: ['relaunch'],
      failure: { code: 'playbook-failed' },
    });
    await expect(onGuest(system, '127.77.81.2', 'true')).rejects.toThrow();
    const again = await finished(client, await deploy(client, request('undo-01', '127.77.81.2')));
    expect(again.failure).toBeNull();
  });

  it('cancels a run that goes on, and finds nothing of it afterwards', async () => {
    const { client } = system;
    const id = await storePlaybook(client, 'Sleeps', playbook('sleep 300'));
    const runId = await deploy(client, request('cancel-01', '127.77.81.3', [id]));
    const running = async () => {
      const { steps } = await client.get(`runs/${runId}`, RunView);
      return steps.find(({ name }) => name === 'run-playbooks')?.status;
    };
    await expect.poll(running, { timeout: 60_000, interval: 100 }).toBe('running');
    await act(runId, 'cancel');
    expect((await finished(client, runId)).status).toBe('cancelled');
    await expect(onGuest(system, '127.77.81.3', 'true')).rejects.toThrow();
    const refused = await act(runId, 'cancel').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemAnswer);
    expect(refused).toMatchObject({ problem: { status: 409, code: 'action-not-allowed' } });
  });
});
