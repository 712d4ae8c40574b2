import { databaseOptions, PostgresRunStore } from '@diaken/persistence';
import type { Lease } from '@diaken/pipeline';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, storePlaybook } from '../support/machines';
import { askFor, type Campaign, countedPlaybook, startCampaign } from './campaign';
import { OF_OTHER_GUESTS } from './cancel-holds';
import { evidenceOf } from './evidence';
import { INTERRUPTED_TASKS, prints } from './kill-points';
import { prolongTask } from './lab-stops';
import { until } from './stop';

const MINUTE = 60_000;
/** Longer than a lease, so that the playbook still runs when both workers are at it. */
const LONG_PLAYBOOK_SECONDS = 25;
/** Longer than a worker takes to notice that its run is another's. */
const LONG_TASK_MS = 8_000;
/** What proves that nothing was done twice. */
const ONCE = { machines: 1, mostPlays: 1, ranInGuest: 1, flaws: [] };
const WELL = { status: 'success', failure: null };

const STEPS = planFor('deploy-vm')
  .map(({ name }) => name)
  .filter((name) => !OF_OTHER_GUESTS.includes(name));

describe('two workers on one run', () => {
  let campaign: Campaign;
  let database: DataSource;
  beforeAll(async () => {
    campaign = await startCampaign(2);
    database = new DataSource(databaseOptions(campaign.system.databaseUrl));
    await database.initialize();
  }, 5 * MINUTE);
  afterAll(async () => {
    await database?.destroy();
    await campaign?.stop();
  });

  it(
    'lets the one go on, and the one that was asleep write nothing more',
    async () => {
      const { system, rows } = campaign;
      const long = countedPlaybook(LONG_PLAYBOOK_SECONDS);
      const playbookIds = [await storePlaybook(system.client, 'Counted, and long', long)];
      const wish = { hostname: 'stolen-01', address: '127.77.92.1', playbookIds };
      const runId = await askFor(campaign, wish);
      const victim = { runId, ...wish };
      const playing = await prints('run-playbooks', INTERRUPTED_TASKS.own)(victim, campaign);
      await until('its playbook runs', playing.isReached, 2 * MINUTE);

      const { lease_owner: sleeper, lease_token: token } = await rows.run(runId);
      const asleepAt = Date.now();
      await asleep(await rows.workerOf(runId), async () => {
        const isTaken = async () => (await rows.claims(runId)).length === 2;
        await until('the other worker takes the run', isTaken, MINUTE);
      });
      // The one that was asleep is at its next write by now; what becomes of it, its own store says.
      await expectRefused({ runId, token, logLines: 0 });
      const other = await askFor(campaign, { hostname: 'beside-01', address: '127.77.92.2' });
      const isFree = async () => (await rows.claimants(other)).includes(sleeper ?? '');
      await until('the one that was asleep lets go, and takes another run', isFree, MINUTE);
      expect(await rows.run(runId)).toMatchObject({ status: 'running', lease_token: token + 1 });

      for (const id of [runId, other]) {
        expect(await finished(system.client, id)).toMatchObject(WELL);
      }
      expect(await evidenceOf(campaign, victim, asleepAt)).toMatchObject(ONCE);
      expect(await rows.successes(runId)).toEqual(STEPS);
      expect(await rows.claims(runId)).toHaveLength(2);
    },
    5 * MINUTE,
  );

  it(
    'stops one that loses its run in the middle, and lets it take others',
    async () => {
      const { system, rows, census } = campaign;
      const wish = { hostname: 'stolen-02', address: '127.77.92.3' };
      await prolongTask(system.lab, {
        ...{ method: 'CloneVM_Task', contains: `<name>${wish.hostname}<`, ms: LONG_TASK_MS },
      });
      const runId = await askFor(campaign, wish);
      const isCloning = async () =>
        typeof (await rows.notes(runId, 'clone-template'))['task'] === 'string';
      await until('its machine is being cloned', isCloning, MINUTE);
      const { lease_owner: loser } = await rows.run(runId);
      await rows.steal(runId);
      const stolenAt = Date.now();
      const stolen = await rows.whole(runId);

      const machine = async () =>
        (await census.take()).find(({ instanceUuid }) => instanceUuid === runId);
      await until('the clone is done', async () => (await machine()) !== undefined, MINUTE);
      const cloned = await machine();
      // Two workers with room for one run each: both take one only if the loser has let go.
      const beside = await Promise.all([
        askFor(campaign, { hostname: 'beside-02', address: '127.77.92.4' }),
        askFor(campaign, { hostname: 'beside-03', address: '127.77.92.5' }),
      ]);
      for (const id of beside) {
        expect(await finished(system.client, id)).toMatchObject(WELL);
      }
      expect((await Promise.all(beside.map((id) => rows.claimants(id)))).flat()).toContain(loser);
      expect(await machine()).toEqual(cloned);
      expect(await rows.whole(runId)).toEqual(stolen);

      await rows.free(runId);
      expect(await finished(system.client, runId)).toMatchObject(WELL);
      expect(await evidenceOf(campaign, { runId, ...wish }, stolenAt)).toMatchObject(ONCE);
      expect(await rows.successes(runId)).toEqual(STEPS);
    },
    5 * MINUTE,
  );

  /** Stops a process while something happens. */
  async function asleep(pid: number, meanwhile: () => Promise<void>): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    try {
      await meanwhile();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  /** Every write of a lease that is another's now is refused, and changes nothing. */
  async function expectRefused(lease: Lease): Promise<void> {
    const store = new PostgresRunStore(database, MINUTE);
    const lines = [{ at: new Date(), step: 'run-playbooks', text: 'stale' }];
    const writes = [
      store.renew(lease),
      store.moveRun(lease, 'success'),
      store.moveStep(lease, 'run-playbooks', { status: 'success' }),
      store.appendLog(lease, { after: 0, lines, notes: new Map() }),
    ];
    for (const refused of await Promise.allSettled(writes)) {
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'lease-lost' } });
    }
    await store.release(lease);
    expect(await campaign.rows.workerOf(lease.runId)).toBeGreaterThan(0);
  }
});
