import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { QueueView, RunAccepted } from '@diaken/contracts';
import type { NodeServer } from '@diaken/embedded';
import { type Lab, startLab } from '@diaken/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, registerLab, storePlaybook } from '../support/machines';
import { withDatabase } from '../support/own-api';
import { type Answer, problemIn, RawApi } from '../support/raw-api';
import { ROOT, startSystem, type System } from '../support/system';
import { inColumns } from './cancel-table';
import { type Asked, type Attempt, Fleet, type Outcome } from './dependencies-fleet';
import { postgresOf, redisOf, type Server } from './dependencies-servers';
import { faultRounds, itFully } from './rounds';

const MINUTE = 60_000;
const IS_FULL = faultRounds() > 0;
/** Runs of each fault, and how long a part is away, s. */
const SCALE = IS_FULL
  ? { places: 10, waiting: 50, restart: 20, some: 6, silent: 30 }
  : { places: 2, waiting: 6, restart: 3, some: 1, silent: 5 };
/** How long all runs of a fault may take: the longest step that asks a silent guest gives it ten minutes. */
const END_MS = 12 * MINUTE;
/** Titles of steps. */
const [CONFIGURING, PLAYING] = ['Configure the guest', 'Run the playbooks'];

/** Prints a lot, takes a while in between, and counts how often it has run. */
const CHATTY = `---
- hosts: all
  gather_facts: false
  tasks:
    - &speak
      ansible.builtin.debug: { msg: "line {{ item }}" }
      loop: "{{ range(0, 100) | list }}"
    - ansible.builtin.shell: echo once >> /var/log/counted
    - ansible.builtin.command: sleep 3
    - *speak
    - ansible.builtin.command: cat /var/log/counted
      register: counted
    - ansible.builtin.debug: { msg: "counted {{ counted.stdout_lines | length }}" }
`;

describe('deployments', { timeout: 14 * MINUTE }, () => {
  let system: System;
  let worker: NodeServer;
  let api: RawApi;
  let fleet: Fleet;
  let postgres: Server;
  let redis: ReturnType<typeof redisOf>;
  let playbookIds: string[];
  let laterLab: Lab | undefined;
  const table = [['fault', 'runs', 'success', 'failed', 'lost', 'seconds']];

  beforeAll(async () => {
    const variables = { DIAKEN_WORKER_CONCURRENCY: String(SCALE.places) };
    system = await startSystem({ workers: 0, variables });
    worker = await system.startWorker();
    api = await RawApi.signedIn(system.url);
    fleet = new Fleet(system, await registerLab(system), api);
    [postgres, redis] = [postgresOf(system), redisOf(system)];
    playbookIds = [await storePlaybook(system.client, 'Chatty', CHATTY)];
  });
  afterAll(async () => {
    process.stdout.write(inColumns(table));
    await laterLab?.stop();
    await system?.stop();
  });

  it('end where nothing goes away, and show what Ansible prints then', async () => {
    const since = performance.now();
    const [run] = await fleet.launch(1, { playbookIds });
    await fleet.keepReference(run);
    await expectSuccess('none', [run], since);
  });

  it('end although Redis loses everything while some wait and some go on', async () => {
    const { rules } = system.lab;
    const since = performance.now();
    await rules.add({ action: 'hold-before', id: 'held', method: 'CloneVM_Task', ms: MINUTE });
    const runs = await fleet.launch(SCALE.places + SCALE.waiting);
    const held = async () => (await rules.held()).length;
    await expect.poll(held, { timeout: MINUTE, interval: 50 }).toBe(SCALE.places);
    const { waiting } = await system.client.get('queue', QueueView);
    expect(waiting.total).toBe(SCALE.waiting);
    await redis.wipe();
    await rules.release('held');
    await expectSuccess('Redis wiped', runs, since);
  });

  it('end although Redis is restarted', async () => {
    const since = performance.now();
    const runs = await fleet.launch(SCALE.some);
    await fleet.reached(runs, CONFIGURING);
    await redis.stop('SIGTERM');
    await redis.start();
    await expectSuccess('Redis restarted', [...runs, ...(await fleet.launch(1))], since);
  });

  it('are accepted and done without Redis', async () => {
    const since = performance.now();
    await redis.stop('SIGKILL');
    try {
      const runs = await fleet.launch(SCALE.some);
      const { status, body } = await api.send('GET', 'health/ready');
      expect(status).toBe(200);
      expect(body).toMatchObject({ details: { redis: { answers: false } } });
      if (IS_FULL) {
        await worker.stop(); // it gives its runs back, and the next one takes them
        worker = await system.startWorker();
      }
      await expectSuccess('Redis away', runs, since);
    } finally {
      await redis.start();
    }
  });

  it('end although PostgreSQL is restarted, and the API answers 503 meanwhile', async () => {
    const since = performance.now();
    const runs = await fleet.launch(SCALE.restart, { playbookIds });
    await fleet.reached(runs, PLAYING);
    const stopping = postgres.stop('SIGINT');
    const requests = Array.from({ length: SCALE.places }, () => fleet.ask());
    const meanwhile = await Promise.all(requests);
    await stopping;
    for (const request of requestsOf(runs[0])) {
      expectUnavailable(await request());
    }
    expect((await api.send('GET', 'health/live')).status).toBe(200);
    await someoneHasPlayed();
    await postgres.start();
    const asked = [...meanwhile, ...(await askUntilAccepted())];
    asked.filter(({ run }) => !run).forEach(({ answer }) => expectUnavailable(answer));
    await expectSuccess('PostgreSQL restarted', [...runs, ...runsOf(asked)], since);
  });

  itFully('end although PostgreSQL is away for longer than a lease lasts', async () => {
    const since = performance.now();
    const runs = await fleet.launch(SCALE.some, { playbookIds });
    await fleet.reached(runs, PLAYING);
    await postgres.stop('SIGINT');
    await pause(20_000);
    await postgres.start();
    const later = runsOf(await askUntilAccepted());
    await expectSuccess('PostgreSQL away for 20 s', [...runs, ...later], since);
  });

  itFully('end although PostgreSQL crashes', async () => {
    // Tests do without the disk; but what has been answered must outlive the process.
    await withDatabase(system.databaseUrl, (client) =>
      client.query(`ALTER DATABASE ${client.database} SET synchronous_commit = on`),
    );
    await postgres.stop('SIGINT');
    await postgres.start();
    await askUntilAccepted();
    const since = performance.now();
    const runs = await fleet.launch(SCALE.some, { playbookIds });
    await fleet.reached(runs, PLAYING);
    await postgres.stop('SIGQUIT');
    await postgres.start();
    const later = runsOf(await askUntilAccepted());
    await expectSuccess('PostgreSQL crashed', [...runs, ...later], since);
  });

  it('end although vCenter says nothing for a while', async () => {
    const since = performance.now();
    const early = await fleet.launch(SCALE.some);
    await fleet.reached(early, CONFIGURING);
    const late = await fleet.launch(SCALE.some);
    process.kill(system.lab.pid, 'SIGSTOP');
    await pause(SCALE.silent * 1_000).finally(() => process.kill(system.lab.pid, 'SIGCONT'));
    await expectSuccess(`vCenter silent for ${SCALE.silent} s`, [...early, ...late], since);
  });

  it('end although vCenter ends the sessions', async () => {
    const { rules } = system.lab;
    const since = performance.now();
    await rules.clear();
    await rules.add(
      { action: 'logout', method: 'CloneVM_Task', count: 1 },
      { action: 'logout', method: 'PowerOnVM_Task', count: 1 },
      { action: 'logout', method: 'RetrievePropertiesEx', skip: 8, count: 2 },
    );
    await expectSuccess('vCenter sessions lost', await fleet.launch(SCALE.some), since);
    expect((await rules.calls())['Login']).toBeGreaterThanOrEqual(3);
    await rules.clear();
  });

  it('end although the guest is cut off while it is configured', async () => {
    const since = performance.now();
    const run = await cutOff(3);
    await expectSuccess('guest cut off for 3 s', [run], since);
  });

  itFully('are configured anew when the guest was cut off for too long', async () => {
    const since = performance.now();
    const run = await cutOff(45);
    const outcome = await outcomeOf('guest cut off for 45 s', [run], since);
    expect(outcome).toMatchObject({ success: 1, lost: [] });
    expect(outcome.flaws).toEqual([expect.stringContaining('prints at configure-guest')]);
    await fleet.printed(run, 'Next attempt in');
  });

  // The last one: the inventory that comes back is another one.
  itFully('end, well or not, although vCenter and all its guests are lost', async () => {
    const since = performance.now();
    const early = await fleet.launch(SCALE.some, { playbookIds });
    await fleet.reached(early, PLAYING);
    const runs = [...early, ...(await fleet.launch(SCALE.some))];
    process.kill(system.lab.pid, 'SIGKILL');
    await system.lab.stop();
    await pause(30_000);
    const port = Number(new URL(system.lab.url).port);
    laterLab = await startLab({ root: ROOT, stateFolder: join(system.folder, 'lab'), port });
    const { lost, flaws } = await outcomeOf('vCenter killed for 30 s', runs, since);
    expect({ lost, flaws }).toEqual({ lost: [], flaws: [] });
    for (const { runId } of await fleet.failed(runs)) {
      await system.client.post(`runs/${runId}/roll-back`, {}, RunAccepted);
      expect(await finished(system.client, runId)).toMatchObject({ status: 'rolled_back' });
    }
  });

  /** Asks for a machine, and cuts its guest off for some seconds in the middle of the base playbook. */
  async function cutOff(seconds: number): Promise<Asked> {
    const [run] = await fleet.launch(1);
    await fleet.printed(run, 'TASK [Keep the host name across restarts]');
    await system.lab.guests.stop(run.hostname);
    await pause(seconds * 1_000);
    await system.lab.guests.continue(run.hostname);
    return run;
  }

  /** Requests that need the database. */
  function requestsOf(run: Asked | undefined): readonly (() => Promise<Answer>)[] {
    return [
      async () => (await fleet.ask()).answer,
      () => api.send('GET', 'runs'),
      () => api.send('GET', `runs/${run?.runId}/log`),
      () => api.send('GET', `runs/${run?.runId}/wait`),
      () => api.send('POST', `runs/${run?.runId}/cancel`, { body: {} }),
      () => api.send('GET', 'health/ready'),
    ];
  }

  /** Resolves once Ansible has ended for a run, which nobody can write down yet. */
  async function someoneHasPlayed(): Promise<void> {
    const plays = join(system.folder, 'plays');
    const ended = async () =>
      (await readdir(plays)).some((name) => existsSync(join(plays, name, 'exit.json')));
    await expect.poll(ended, { timeout: MINUTE, interval: 100 }).toBe(true);
  }

  /** Asks for machines until one is accepted; all the answers. */
  async function askUntilAccepted(): Promise<Attempt[]> {
    const answers: Attempt[] = [];
    const ask = async () => {
      const one = await fleet.ask();
      answers.push(one);
      return one.answer.status;
    };
    await expect.poll(ask, { timeout: MINUTE, interval: 100 }).toBe(202);
    return answers;
  }

  /** Waits for the end of the runs and adds them to the table. */
  async function outcomeOf(fault: string, runs: readonly Asked[], since: number): Promise<Outcome> {
    const outcome = await fleet.outcome(runs, END_MS);
    const { success, failed, lost } = outcome;
    const codes = [...new Set(failed.map((each) => each.split(' ')[0]))].join(', ');
    const seconds = ((performance.now() - since) / 1_000).toFixed(1);
    table.push([
      ...[fault, String(runs.length), String(success), codes ? `${failed.length} (${codes})` : '0'],
      ...[String(lost.length), seconds],
    ]);
    return outcome;
  }

  async function expectSuccess(fault: string, runs: readonly Asked[], since: number) {
    const outcome = await outcomeOf(fault, runs, since);
    const count = runs.length;
    expect(outcome).toEqual({ runs: count, success: count, failed: [], lost: [], flaws: [] });
    for (const { pid } of [worker, system.api]) {
      expect(process.kill(pid, 0), 'the servers outlive it').toBe(true);
    }
  }
});

/** The runs of those requests that were accepted. */
function runsOf(attempts: readonly Attempt[]): readonly Asked[] {
  return attempts.flatMap(({ run }) => run ?? []);
}

/** What every request is answered while the database is away. */
function expectUnavailable(answer: Answer): void {
  expect(problemIn(answer)).toMatchObject({ status: 503, code: 'service-unavailable' });
  expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/);
}
