import { ProblemAnswer } from '@diaken/client';
import {
  CancelManyAnswer,
  Maintenance,
  type Problem,
  QueueView,
  RunAccepted,
  RunPage,
  RunStatusView,
  RunView,
} from '@diaken/contracts';
import type { NodeServer } from '@diaken/embedded';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  type Needed,
  onGuest,
  registerLab,
} from '../support/machines';
import { startSystem, type System } from '../support/system';
import { type HeldRun, HOLDS, OF_OTHER_GUESTS, type Scene, type Wishes } from './cancel-holds';
import { KINDS, processesAre } from './cancel-sleepers';
import { type Cancelled, tableOf } from './cancel-table';
import { processesWith, TraceFinder, type Traces } from './cancel-traces';
import { faultRounds, itFully } from './rounds';

const ROUNDS = faultRounds();
const STEPS = Object.keys(HOLDS);
/** The short form holds runs in one step of each sort. */
const HELD =
  ROUNDS > 0
    ? STEPS
    : ['preflight', 'clone-template', 'wait-for-login', 'configure-guest', 'run-playbooks'];
/** How long a cancelled run may take to its end, seconds. Only the full form has the computer for itself. */
const BOUND = ROUNDS > 0 ? 10 : Number.POSITIVE_INFINITY;
/** Runs of the test that cancels many. */
const [WAITING, RUNNING] = [30, 3];
const ENDED: readonly string[] = ['cancelled', 'rolled_back'];
const BREAK_LISTENERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = 'diaken-listen'`;
const NOTHING: Traces = { processes: [], folders: [], machines: [] };

describe('cancelling a deployment', () => {
  let system: System;
  let needed: Needed;
  let scene: Scene;
  let finder: TraceFinder;
  let worker: NodeServer;
  const runs: HeldRun[] = [];
  const rows: Cancelled[] = [];

  beforeAll(async () => {
    system = await startSystem({ workers: 0 });
    worker = await system.startWorker();
    needed = await registerLab(system);
    await worker.stop();
    const database = new Client({ connectionString: system.databaseUrl });
    await database.connect();
    scene = { system, database };
    finder = new TraceFinder(system);
  });
  afterAll(async () => {
    process.stdout.write(tableOf(rows));
    finder?.close();
    await scene?.database.end();
    await system?.stop();
  });

  const cancel = (id: string, machine: 'roll-back' | 'keep' = 'roll-back') =>
    system.client.post(`runs/${id}/cancel`, { machine }, RunAccepted);
  const maintain = (on: boolean) =>
    system.client.change('PUT', 'queue/maintenance', { on }, Maintenance);
  const inputFor = ({ hostname, address }: HeldRun, { network, ...wishes }: Wishes = {}) =>
    machineInput(needed, system.lab, {
      ...wishes,
      hostname,
      network: { ...network, address },
    });
  /** Asks for a machine whose name, address and marker no other run of this file has. */
  const start = async (
    hostname: string,
    asks?: (scene: Scene, marker: string) => Promise<Wishes>,
  ): Promise<HeldRun> => {
    const address = `127.77.93.${runs.length + 1}`;
    const run = { runId: '', hostname, address, marker: `diaken-fault-${hostname}` };
    const wishes = await asks?.(scene, run.marker);
    const runId = await deploy(system.client, inputFor(run, wishes));
    runs.push({ ...run, runId });
    return { ...run, runId };
  };
  /** Cancels a run and waits for its end; adds it to the table. */
  const cancelled = async (held: string, run: HeldRun, release?: () => Promise<void>) => {
    const since = performance.now();
    await cancel(run.runId);
    await release?.();
    const ended = await finished(system.client, run.runId);
    const seconds = (performance.now() - since) / 1_000;
    const left = await finder.of(run);
    const freed = await isFree(run);
    rows.push({ held, seconds, left, freed });
    return { ended, seconds, left, freed };
  };
  /** Whether somebody else may have the name and the address. A request that only waits ends at once, without a worker. */
  const isFree = async (run: HeldRun): Promise<boolean> => {
    await maintain(true);
    try {
      const id = await deploy(system.client, inputFor(run));
      return (await cancel(id)).status === 'cancelled';
    } catch (error) {
      return isRefusal(error) ? false : Promise.reject(error);
    } finally {
      await maintain(false);
    }
  };

  it('ends one that only waits at once, without any worker', async () => {
    const run = await start('waits');
    const { ended, left, freed } = await cancelled('no worker', run);
    expect(ended).toMatchObject({ status: 'cancelled', startedAt: null, actions: ['relaunch'] });
    const names = ended.steps.map(({ name }) => name);
    expect(names.filter((name) => !OF_OTHER_GUESTS.includes(name))).toEqual(STEPS);
    expect({ left, freed }).toEqual({ left: NOTHING, freed: true });
    expect(await problemOf(cancel(run.runId))).toMatchObject({
      status: 409,
      code: 'action-not-allowed',
    });
    worker = await system.startWorker();
  });

  it.each(HELD)('in the step %s leaves nothing of it', async (step) => {
    const hold = HOLDS[step];
    await hold?.before?.(scene);
    const run = await start(`in-${step}`, hold?.asks);
    await hold?.until(scene, run);
    expect(await currentStep(run)).toBe(step);
    const isCloned = STEPS.indexOf(step) > STEPS.indexOf('clone-template');
    expect((await finder.of(run)).machines).toHaveLength(isCloned ? 1 : 0);

    const { ended, seconds, left, freed } = await cancelled(step, run, async () => {
      // Already told, or even ended: in either case it cannot be told again.
      expect(await problemOf(cancel(run.runId))).toMatchObject({ status: 409 });
      await hold?.after?.(scene);
    });
    await system.lab.rules.clear();
    expect(ended).toMatchObject({ status: 'cancelled', failure: null, actions: ['relaunch'] });
    expect(left).toEqual(NOTHING);
    expect(freed).toBe(true);
    expect(seconds).toBeLessThan(BOUND);
  });

  itFully('does not wait long for a guest that says nothing', async () => {
    const hold = HOLDS['configure-guest'];
    await hold?.before?.(scene);
    const run = await start('silent');
    await hold?.until(scene, run);
    await system.lab.guests.stop(run.hostname);
    const { ended, seconds, left, freed } = await cancelled('configure-guest, silent guest', run);
    await system.lab.rules.clear();
    expect(ended.status).toBe('cancelled');
    expect({ left, freed }).toEqual({ left: NOTHING, freed: true });
    expect(seconds).toBeLessThan(BOUND);
  });

  it('keeps the machine when asked to, ends its playbook, and rolls back later', async () => {
    const run = await start('kept', HOLDS['run-playbooks']?.asks);
    await processesAre(run, KINDS);
    const since = performance.now();
    await cancel(run.runId, 'keep');
    const ended = await finished(system.client, run.runId);
    const seconds = (performance.now() - since) / 1_000;
    const left = await finder.of(run);
    rows.push({ held: 'run-playbooks, keep', seconds, left, freed: false });

    expect(ended).toMatchObject({ status: 'cancelled', actions: ['roll-back', 'relaunch'] });
    expect(left).toMatchObject({ processes: [], folders: [] });
    expect(left.machines).toHaveLength(1);
    expect(await onGuest(system, run.address, 'hostname -s')).toBe(run.hostname);
    expect(await problemOf(deploy(system.client, inputFor(run)))).toMatchObject({
      code: 'address-taken',
    });
    await rollBack(run);
    expect(seconds).toBeLessThan(BOUND);
  });

  it('ends a playbook that no worker is at, also when the machine is kept', async () => {
    const run = await start('left-alone', HOLDS['run-playbooks']?.asks);
    await processesAre(run, KINDS);
    await worker.stop();
    expect(await statusOf(run)).toBe('pending');
    expect((await cancel(run.runId, 'keep')).status).toBe('cancelling');

    worker = await system.startWorker();
    expect((await finished(system.client, run.runId)).status).toBe('cancelled');
    const left = await finder.of(run);
    expect(left).toMatchObject({ processes: [], folders: [] });
    expect(left.machines).toHaveLength(1);
    await rollBack(run);
  });

  itFully('is left to the next worker by one that stops, also in maintenance', async () => {
    const hold = HOLDS['reserve-address'];
    await hold?.before?.(scene);
    const run = await start('handed-over');
    await hold?.until(scene, run);
    // The worker does not hear of it: its connection breaks, and then it has to stop.
    await scene.database.query(BREAK_LISTENERS);
    await cancel(run.runId);
    const stopped = worker.stop();
    await hold?.after?.(scene);
    await stopped;
    expect(await statusOf(run)).toBe('pending');
    await maintain(true);
    worker = await system.startWorker();
    expect((await finished(system.client, run.runId)).status).toBe('cancelled');
    expect(await finder.of(run)).toEqual(NOTHING);
    expect(await isFree(run)).toBe(true);
  });

  it('ends all that a filter means, whether they wait or run, and no other', async () => {
    const limit = `queue/limits/vcenter:${needed.vcenterId}`;
    await system.client.change('PUT', limit, { limit: RUNNING }, QueueView);
    await system.lab.rules.clear();
    await system.lab.rules.add({ action: 'task-delay', method: 'CloneVM_Task', ms: 60_000 });
    const many: HeldRun[] = [];
    for (let number = 1; number <= RUNNING + WAITING; number++) {
      many.push(await start(`many-${number}`));
    }
    const spared = await start('spared');
    await expect
      .poll(async () => (await system.lab.rules.calls())['CloneVM_Task'], { timeout: 60_000 })
      .toBe(RUNNING);

    const since = performance.now();
    const answer = await system.client.post('runs/cancel', { target: 'many-' }, CancelManyAnswer);
    expect(answer).toMatchObject({ cancelled: WAITING, cancelling: RUNNING });
    for (const { runId } of many) {
      expect((await finished(system.client, runId)).status).toBe('cancelled');
    }
    const seconds = (performance.now() - since) / 1_000;
    const left = await Promise.all(many.map((run) => finder.of(run)));
    expect(left).toEqual(many.map(() => NOTHING));
    const reserved = "SELECT value FROM reservation WHERE kind = 'hostname'";
    expect((await scene.database.query(reserved)).rows).toEqual([{ value: spared.hostname }]);
    rows.push({
      held: `${WAITING} waiting, ${RUNNING} running`,
      seconds,
      left: NOTHING,
      freed: true,
    });

    await cancel(spared.runId);
    expect((await finished(system.client, spared.runId)).status).toBe('cancelled');
    await system.lab.rules.clear();
    await system.client.change('PUT', limit, { limit: 50 }, QueueView);
    expect(seconds).toBeLessThan(BOUND);
  });

  it('lets nothing of a cancelled run come back afterwards', async () => {
    const names = runs.map(({ hostname }) => hostname);
    const machines = await finder.machineNames();
    expect(machines.filter((name) => names.includes(name))).toEqual([]);
    expect(await processesWith(runs.map(({ marker }) => marker))).toEqual([]);
    const { items } = await system.client.get('runs?kind=deploy-vm&limit=100', RunPage);
    expect(items.filter(({ status }) => !ENDED.includes(status))).toEqual([]);
  });

  /** Undoes what a cancelled run has kept. */
  async function rollBack(run: HeldRun): Promise<void> {
    await system.client.post(`runs/${run.runId}/roll-back`, {}, RunAccepted);
    expect((await finished(system.client, run.runId)).status).toBe('rolled_back');
    expect(await finder.of(run)).toEqual(NOTHING);
    expect(await isFree(run)).toBe(true);
  }

  async function currentStep({ runId }: HeldRun): Promise<string | undefined> {
    const { steps } = await system.client.get(`runs/${runId}`, RunView);
    return steps.find(({ status }) => status === 'running')?.name;
  }

  async function statusOf({ runId }: HeldRun): Promise<string> {
    return (await system.client.get(`runs/${runId}/status`, RunStatusView)).status;
  }
});

function isRefusal(error: unknown): boolean {
  return error instanceof ProblemAnswer && error.problem.status === 409;
}

/** The problem document that a request is answered with. Throws when it is answered with anything else. */
async function problemOf(request: Promise<unknown>): Promise<Problem> {
  const answer = await request.catch((error: unknown) => error);
  if (answer instanceof ProblemAnswer) {
    return answer.problem;
  }
  throw new Error(`No problem: ${JSON.stringify(answer)}`);
}
