import {
  CancelManyAnswer,
  Maintenance,
  MAX_PRIORITY,
  QueueView,
  RunAccepted,
  RunStatusView,
  RunView,
  type RunWaiting,
  type WorkerChange,
} from '@diaken/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deploy, machineInput, type Needed, registerLab, settled } from '../support/machines';
import { startSystem, type System } from '../support/system';

/** So many runs wait when a worker comes. */
const WAITING = 300;
/** Requests that are sent at once. */
const AT_ONCE = 10;
/** A clone that takes this long ends only by being cancelled, ms. */
const FOR_EVER_MS = 600_000;
/** Runs whose machines are called so stay at work in their clone: they cost nothing, and end when they are cancelled. */
const STAYS = 'stays-';
const PATIENCE = { timeout: 60_000, interval: 100 };

let system: System;
/** Two vCenters that are one lab. */
let lab: Needed;
let other: Needed;
let machines = 0;
let worker: Promise<unknown> | undefined;

beforeAll(async () => {
  system = await startSystem({
    workers: 0,
    lab: { guests: false },
    variables: { DIAKEN_WORKER_CONCURRENCY: '1' },
  });
  const first = await system.startWorker();
  lab = await registerLab(system);
  other = await registerLab(system, 'Other');
  await first.stop();
  await system.lab.rules.add({
    ...{ action: 'task-delay', method: 'CloneVM_Task' },
    ...{ contains: STAYS, ms: FOR_EVER_MS },
  });
});

afterAll(() => system?.stop());

afterEach(async () => {
  await cancelAll();
});

/** Asks for a machine; answers the run's id. */
function ask(needed: Needed, { priority = 4, name = STAYS } = {}): Promise<string> {
  const number = ++machines;
  const address = `127.77.97.${number % 250}`;
  // Beyond the first 250, which are of the lab's network: only that no two are alike matters.
  const network = number < 250 ? { address } : elsewhere(number);
  const hostname = `${name}${number}`;
  return deploy(
    system.client,
    machineInput(needed, { sshPort: 1 }, { hostname, priority, network }),
  );
}

function elsewhere(number: number) {
  // Loopback too: what else answers at an address, a machine cannot know beforehand.
  const address = `127.97.${Math.floor(number / 250)}.${(number % 250) + 2}`;
  return { address, cidr: '127.97.0.0/16', gateway: '127.97.0.1', dns: ['127.97.0.1'] };
}

const queue = () => system.client.get('queue', QueueView);

const waitingOf = async (id: string) =>
  (await system.client.get(`runs/${id}/status`, RunStatusView)).waiting;

/** Waits until the run is told to wait like this. */
async function untilWaiting(id: string, told: Partial<RunWaiting>): Promise<void> {
  await expect.poll(() => waitingOf(id), PATIENCE).toMatchObject(told);
}

const setLimit = ({ vcenterId }: Needed, limit: number) =>
  system.client.change('PUT', `queue/limits/vcenter:${vcenterId}`, { limit }, QueueView);

const maintain = (on: boolean, reason?: string) =>
  system.client.change('PUT', 'queue/maintenance', { on, ...(reason && { reason }) }, Maintenance);

/** There is one from now on. */
async function startWorker(): Promise<void> {
  await (worker ??= system.startWorker());
}

/** Tells the only worker what to take. */
async function tellWorker(change: WorkerChange): Promise<void> {
  const { workers } = await queue();
  await system.client.change('PATCH', `queue/workers/${workers[0]?.id}`, change, QueueView);
}

/** Waits until the worker has certainly heard what it was told: it hears with each beat, and acts on it before the next. */
async function untilHeard(): Promise<void> {
  const beatAt = async () => (await queue()).workers[0]?.seenAt;
  for (let beats = 0; beats < 2; beats++) {
    const last = await beatAt();
    await expect.poll(beatAt, PATIENCE).not.toBe(last);
  }
}

/** Ids of the runs at work. */
const active = async () => {
  const { workers } = await queue();
  return workers.flatMap(({ runs }) => runs.map(({ id }) => id)).sort();
};

/** Waits until these runs, and no others, are at work. */
async function untilActive(...ids: readonly string[]): Promise<void> {
  await expect.poll(active, PATIENCE).toEqual([...ids].sort());
}

async function cancel(id: string): Promise<void> {
  await system.client.post(`runs/${id}/cancel`, {}, RunAccepted);
  expect((await settled(system.client, id)).status).toBe('cancelled');
}

/** Cancels all that has not ended; waits until nothing is at work. */
async function cancelAll(): Promise<CancelManyAnswer> {
  const answer = await system.client.post('runs/cancel', { kind: 'deploy-vm' }, CancelManyAnswer);
  await untilActive();
  return answer;
}

async function statusOfStep(id: string, step: string) {
  const { steps } = await system.client.get(`runs/${id}`, RunView);
  return steps.find(({ name }) => name === step)?.status;
}

describe('a long queue', () => {
  it('waits for a worker, which takes the highest first, and counts down', async () => {
    const asked: { readonly id: string; readonly priority: number }[] = [];
    while (asked.length < WAITING) {
      const priorities = Array.from({ length: AT_ONCE }, (_, index) => (index * 7) % 10);
      const ids = await Promise.all(priorities.map((priority) => ask(lab, { priority })));
      asked.push(...ids.map((id, index) => ({ id, priority: priorities[index] ?? 0 })));
    }
    // In the order in which they were asked for: one of each priority was sent at once.
    const urgent = asked.filter(({ priority }) => priority === MAX_PRIORITY).map(({ id }) => id);
    const [first = '', second = '', third = '', fourth = ''] = urgent;
    expect((await queue()).waiting).toMatchObject({
      total: WAITING,
      byPriority: Array.from({ length: 10 }, (_, index) => ({ priority: 9 - index, runs: 30 })),
    });
    await untilWaiting(fourth, {
      code: 'no-worker',
      message: 'No worker takes runs now. Place 4 in the queue.',
      place: 4,
    });

    await startWorker();
    await untilActive(first);
    await untilWaiting(fourth, {
      code: 'workers-busy',
      message: 'All 1 places of the workers are taken. Place 3 in the queue.',
      place: 3,
    });
    await cancel(first);
    await untilActive(second);
    await untilWaiting(fourth, { code: 'workers-busy', place: 2 });
    const urgently = await ask(lab, { priority: MAX_PRIORITY });
    await cancel(second);
    await untilActive(third);
    await untilWaiting(fourth, { place: 1 });
    await untilWaiting(urgently, { place: urgent.length - 2 });

    const { cancelled, cancelling } = await cancelAll();
    expect({ cancelled, cancelling }).toEqual({ cancelled: WAITING - 2, cancelling: 1 });
    expect((await queue()).waiting.total).toBe(0);
  });
});

describe('a worker', () => {
  beforeAll(startWorker);

  it('takes more, or less, when it is told to', async () => {
    const runs = [await ask(lab), await ask(lab), await ask(lab), await ask(lab)] as const;
    await untilActive(runs[0]);
    await tellWorker({ concurrency: 3 });
    await untilActive(...runs.slice(0, 3));
    await tellWorker({ concurrency: 2 });
    await untilHeard();
    expect(await active()).toEqual(runs.slice(0, 3).sort());
    await cancel(runs[0]);
    await untilWaiting(runs[3], { code: 'workers-busy', place: 1 });
    expect(await active()).toEqual(runs.slice(1, 3).sort());
    await cancel(runs[1]);
    await untilActive(runs[2], runs[3]);
  });

  it('that drains takes nothing, and goes on with what it has', async () => {
    await tellWorker({ concurrency: 5 });
    const has = await ask(lab);
    await untilActive(has);
    await tellWorker({ draining: true });
    await untilHeard();
    expect((await queue()).workers).toMatchObject([{ state: 'draining', runs: [{ id: has }] }]);
    const waits = await ask(lab);
    await untilHeard();
    await untilWaiting(waits, { code: 'no-worker', place: 1 });
    expect(await active()).toEqual([has]);
    await tellWorker({ draining: false });
    await untilActive(has, waits);
  });
});

describe('a limit', () => {
  beforeAll(startWorker);

  it('keeps the runs of its vCenter waiting, not those of another, until it is raised', async () => {
    await tellWorker({ concurrency: 10 });
    await setLimit(lab, 1);
    const first = await ask(lab);
    const second = await ask(lab);
    const elsewhere = await ask(other);
    await untilActive(first, elsewhere);
    await untilWaiting(second, {
      code: 'limit',
      message: 'vCenter Lab has 1 of 1 runs at work. Place 1 in the queue.',
      place: 1,
    });

    await setLimit(lab, 2);
    await untilActive(first, second, elsewhere);
    await setLimit(lab, 0);
    const third = await ask(lab, { priority: MAX_PRIORITY });
    const another = await ask(other);
    await untilActive(first, second, elsewhere, another);
    await untilWaiting(third, {
      code: 'limit',
      message: expect.stringContaining('2 of 0 runs'),
    });

    // What has begun goes on to its end, and still nothing begins.
    await cancel(first);
    await cancel(second);
    const last = await ask(other);
    await untilActive(elsewhere, another, last);
    await untilWaiting(third, { code: 'limit', place: 1 });
    await setLimit(lab, 1);
    await untilActive(elsewhere, another, last, third);
    await setLimit(lab, 50);
  });
});

describe('maintenance', () => {
  beforeAll(startWorker);

  it('lets go on what has begun, and starts nothing until it is over', async () => {
    await tellWorker({ concurrency: 10 });
    const { rules } = system.lab;
    await rules.add({ action: 'hold-before', id: 'power', method: 'PowerOnVM_Task', ms: 20_000 });
    const begun = await ask(other, { name: 'goes-on-' });
    await expect.poll(async () => (await rules.held()).length, PATIENCE).toBe(1);
    expect(await maintain(true, 'New cables')).toMatchObject({ on: true, reason: 'New cables' });
    const waits = await ask(other, { priority: MAX_PRIORITY });

    await rules.release('power');
    await expect.poll(() => statusOfStep(begun, 'wait-for-address'), PATIENCE).toBe('success');
    await untilWaiting(waits, {
      code: 'maintenance',
      message: 'Maintenance, no new work is started: New cables. Place 1 in the queue.',
      place: 1,
    });
    // What is to be undone is undone meanwhile.
    await cancel(begun);
    await untilWaiting(waits, { code: 'maintenance' });
    await maintain(false);
    await untilActive(waits);
  });
});
