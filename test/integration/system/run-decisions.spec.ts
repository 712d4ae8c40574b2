import { ProblemAnswer } from '@diaken/client';
import { RunAccepted, RunView } from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  logOf,
  machineInput,
  onGuest,
  stepsBeforePlaybooks,
  storePlaybook,
} from '../../support/machines';
import { withDatabase } from '../../support/own-api';
import { sharedSystem } from '../../support/shared-system';

const playbook = (command: string) =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.command: ${command}\n`;

describe('a failed run', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  let broken: string;
  let writes: string;
  beforeAll(async () => {
    system = await sharedSystem();
    broken = await storePlaybook(system.client, 'Decisions: broken', playbook('/bin/false'));
    const command = 'touch /var/log/{{ mark }}';
    writes = await storePlaybook(system.client, 'Decisions: writes', playbook(command));
  });
  type Input = Omit<Parameters<typeof machineInput>[2], 'hostname' | 'network'>;
  const fail = async (hostname: string, address: string, more: Input = {}) => {
    const wish = { hostname, network: { address }, playbookIds: [broken], ...more };
    const input = machineInput(system.needed, system.lab, wish);
    return finished(system.client, await deploy(system.client, input));
  };
  const act = (id: string, action: string, body: object = {}) =>
    system.client.post(`runs/${id}/${action}`, body, RunAccepted);

  it('is resumed with other playbooks and variables, and refuses what has been used up', async () => {
    const failed = await fail('edit-01', '127.77.83.1');
    expect(failed.editable).toEqual(['playbookIds', 'extraVars']);
    const late = await refusal(act(failed.id, 'resume', { credentialId: failed.id }));
    expect(late.errors).toEqual([
      { path: 'credentialId', message: expect.stringContaining('playbookIds, extraVars') },
    ]);
    const unknown = await refusal(act(failed.id, 'resume', { playbookIds: [failed.id] }));
    expect(unknown.errors).toMatchObject([{ path: 'playbookIds.0' }]);

    await act(failed.id, 'resume', { playbookIds: [writes], extraVars: { mark: 'edited' } });
    const run = await finished(system.client, failed.id);
    expect(run).toMatchObject({ status: 'success', request: { playbookIds: [writes] } });
    expect(stepsBeforePlaybooks(run)).toEqual(stepsBeforePlaybooks(failed));
    expect(await onGuest(system, '127.77.83.1', 'ls /var/log/edited')).toBe('/var/log/edited');
  });

  it('is rolled back by itself where its policy says destroy, and says why it failed', async () => {
    const run = await fail('policy-01', '127.77.83.2', { onFailure: { machine: 'destroy' } });
    expect(run).toMatchObject({ status: 'rolled_back', failure: { code: 'playbook-failed' } });
    await expect(onGuest(system, '127.77.83.2', 'true')).rejects.toThrow();
    expect(await logOf(system.client, run.id)).toContain(
      'Rolled back, as its failure policy says.',
    );
  });

  it('is switched off and kept for the hours that its policy says, unless somebody keeps it', async () => {
    const onFailure = { machine: 'power-off', destroyAfterHours: 2 } as const;
    const failed = await fail('policy-02', '127.77.83.3', { onFailure });
    expect(failed).toMatchObject({ status: 'failed', actions: ['resume', 'roll-back', 'keep'] });
    const hours = (Date.parse(failed.expiresAt ?? '') - Date.parse(failed.endedAt ?? '')) / 3.6e6;
    expect(hours).toBeCloseTo(2, 3);
    await expect(onGuest(system, '127.77.83.3', 'true')).rejects.toThrow();

    await act(failed.id, 'keep');
    const kept = await system.client.get(`runs/${failed.id}`, RunView);
    expect(kept).toMatchObject({ status: 'failed', expiresAt: null });
    expect(kept.actions).not.toContain('keep');
    await act(failed.id, 'roll-back');
    expect((await finished(system.client, failed.id)).status).toBe('rolled_back');
  });

  it('is rolled back by the janitor when its time is over, and says so', async () => {
    const onFailure = { machine: 'keep', destroyAfterHours: 1 } as const;
    const failed = await fail('policy-03', '127.77.83.4', { onFailure });
    expect(failed.status).toBe('failed');
    await withDatabase(system.databaseUrl, (client) =>
      client.query('UPDATE run SET expires_at = now() WHERE id = $1', [failed.id]),
    );
    const statusOf = async () => (await system.client.get(`runs/${failed.id}`, RunView)).status;
    await expect.poll(statusOf, { timeout: 60_000, interval: 200 }).toBe('rolled_back');
    const log = await logOf(system.client, failed.id);
    expect(log).toContainEqual(expect.stringMatching(/^Rolled back by the janitor/));
  });

  it('is started anew from a run that was rolled back', async () => {
    const failed = await fail('again-01', '127.77.83.5');
    expect((await refusal(act(failed.id, 'relaunch'))).code).toBe('action-not-allowed');
    await act(failed.id, 'roll-back');
    await finished(system.client, failed.id);
    const again = await act(failed.id, 'relaunch');
    expect(again.id).not.toBe(failed.id);
    await act(again.id, 'cancel');
    const run = await finished(system.client, again.id);
    expect(run).toMatchObject({ relaunchOf: failed.id, request: failed.request });
  });
});

async function refusal(answer: Promise<unknown>) {
  const error = await answer.catch((caught: unknown) => caught);
  if (!(error instanceof ProblemAnswer)) {
    throw new Error('It was not refused');
  }
  return error.problem;
}
