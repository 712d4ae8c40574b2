import { Interruption } from '@diaken/pipeline';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { finalFailure, RUN_ID, type StepBench, stepBench, transientFailure } from '../testing';

const bench = () => stepBench('clone-template');

// Looking for a clone whose answer was lost takes seconds; here they pass at once.
beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('cloning', () => {
  it('makes one machine of the run, as asked for', async () => {
    const step = await bench();
    const { machine } = await step.take();
    expect(step.tools.vcenter.machineOf(RUN_ID)).toMatchObject({
      ...(machine as object),
      name: 'web-01',
      instanceUuid: RUN_ID,
      cpus: 2,
      memoryMb: 2_048,
      poweredOn: false,
    });
  });

  it('notes the task, and tells how far it is', async () => {
    const step = await bench();
    await step.take();
    expect(step.notes).toEqual({ asked: true, askedAt: expect.any(Number), task: 'task-1' });
    expect(step.progress).toContainEqual({ fraction: 0.5 });
    expect(step.lines).toContain('vCenter clones debian-12 to web-01 (task-1).');
  });

  it('adopts the clone that a crashed attempt left behind', async () => {
    const step = await bench();
    const first = await step.take();
    expect(await step.take()).toEqual(first);
    expect(step.tools.vcenter.clones.started).toBe(1);
    expect(step.lines.at(-1)).toMatch(/^Adopted the machine vm-\d+ /);
  });

  it('adopts the clone after vCenter has forgotten its task', async () => {
    const step = await bench();
    const first = await step.take();
    step.tools.vcenter.clones.forget();
    expect(await step.take()).toEqual(first);
    expect(step.tools.vcenter.clones.started).toBe(1);
  });

  it('waits for the clone of a worker that died, instead of cloning again', async () => {
    const step = await bench();
    const { clones } = step.tools.vcenter;
    clones.held = true;
    await expect(step.take(stoppedSoon('lease-lost'))).rejects.toThrow('lease-lost');
    const second = step.take();
    await vi.waitFor(() => expect(step.progress).toHaveLength(2));
    clones.finish();
    expect(await second).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(clones.started).toBe(1);
  });

  it('clones again when the clone of an earlier attempt ended by a fault', async () => {
    const step = await bench();
    step.tools.vcenter.clones.breakNext(transientFailure('vcenter-fault'));
    await expect(step.take()).rejects.toMatchObject({ code: 'vcenter-fault', transient: true });
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(step.lines).toContain('The clone of the earlier attempt ended: It does not answer.');
  });

  it('does not clone again while vCenter cannot say how the first clone goes on', async () => {
    const step = await bench();
    const { clones, calls } = step.tools.vcenter;
    clones.held = true;
    calls.failNext('followTask', transientFailure(), transientFailure());
    for (const _attempt of [1, 2]) {
      await expect(step.take()).rejects.toMatchObject({ code: 'vcenter-unreachable' });
    }
    clones.finish();
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(clones.started).toBe(1);
  });

  it('asks again when vCenter ends the clone well but has no machine', async () => {
    const step = await bench();
    vi.spyOn(step.tools.vcenter, 'findByRun').mockResolvedValue(undefined);
    await expect(step.take()).rejects.toMatchObject({ code: 'machine-missing', transient: true });
  });

  it('refuses a machine that has its id but not its mark', async () => {
    const step = await bench();
    step.tools.vcenter.add({ instanceUuid: RUN_ID });
    await expect(step.take()).rejects.toMatchObject({ code: 'not-our-machine', transient: false });
    expect(step.tools.vcenter.clones.started).toBe(0);
  });

  it('refuses a name that somebody took in the meantime', async () => {
    const step = await bench();
    step.tools.vcenter.add({ name: 'web-01' });
    await expect(step.take()).rejects.toMatchObject({ code: 'name-in-vcenter', transient: false });
  });
});

describe('a clone whose answer was lost', () => {
  const lost = async () => {
    const step = await bench();
    step.tools.vcenter.clones.held = true;
    step.tools.vcenter.calls.loseAnswerOf('startClone');
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    return step;
  };
  /** The request was lost as well, or vCenter has not come to it yet. */
  const unheard = async () => {
    const step = await bench();
    step.tools.vcenter.calls.failNext('startClone', transientFailure());
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    return step;
  };
  const minute = 60_000;

  it('is adopted', async () => {
    const step = await lost();
    step.tools.vcenter.clones.finish();
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(step.tools.vcenter.clones.started).toBe(1);
  });

  it('is waited for as long as vCenter makes it', async () => {
    const step = await lost();
    setTimeout(() => step.tools.vcenter.clones.finish(), 20 * minute);
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(step.tools.vcenter.clones.started).toBe(1);
    expect(step.lines.filter((line) => line.startsWith('vCenter is still making'))).toHaveLength(1);
  });

  it('is adopted also when vCenter begins it late', async () => {
    const step = await unheard();
    beginsAfter(step, 10_000);
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(step.tools.vcenter.machines.size).toBe(1);
  });

  it('is asked for again when it does not begin', async () => {
    const step = await unheard();
    await expectToTake(step.take(), { atLeastMs: 14_000, atMostMs: 17_000 });
    expect(step.tools.vcenter.clones.started).toBe(1);
  });

  it('cannot come any more when the one that was asked for again is destroyed', async () => {
    const step = await unheard();
    await step.take();
    await expectToTake(step.undo(), { atLeastMs: 18_000, atMostMs: 21_000 });
    expect(step.tools.vcenter.destroyed).toEqual(['web-01']);
  });

  it('is looked for also when an earlier clone had a task', async () => {
    const step = await bench();
    const { clones, calls } = step.tools.vcenter;
    clones.breakNext(transientFailure('vcenter-fault'));
    await expect(step.take()).rejects.toThrow();
    clones.held = true;
    calls.loseAnswerOf('startClone');
    await expect(step.take()).rejects.toThrow();
    setTimeout(() => clones.finish(), 2_500);
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(clones.started).toBe(2);
    expect(step.tools.vcenter.machines.size).toBe(1);
  });

  it.each([
    ['the call itself', 'startClone'],
    ['its task', 'followTask'],
  ] as const)('is awaited when %s says that it has the name after all', async (_, method) => {
    const step = await unheard();
    const { calls, clones } = step.tools.vcenter;
    const { askedAt } = step.notes;
    clones.breakNext(finalFailure('name-in-vcenter'));
    calls.failNext(method, finalFailure('name-in-vcenter'));
    await expect(step.take()).rejects.toMatchObject({ code: 'name-in-vcenter', transient: true });
    expect(step.notes).toMatchObject({ asked: true, askedAt, task: null });
    step.tools.vcenter.add({ name: 'web-01', run: RUN_ID, instanceUuid: RUN_ID });
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
  });

  it('stops being looked for when the run is cancelled', async () => {
    const step = await lost();
    await expect(step.take(stoppedSoon('cancelled'))).rejects.toThrow('cancelled');
  });

  it('is destroyed when the run is rolled back, also when it takes minutes', async () => {
    const step = await lost();
    setTimeout(() => step.tools.vcenter.clones.finish(), 20 * minute);
    await step.undo();
    expect(step.tools.vcenter.destroyed).toEqual(['web-01']);
    expect(step.tools.vcenter.machines.size).toBe(0);
  });

  it('is destroyed also when vCenter begins it late', async () => {
    const step = await unheard();
    beginsAfter(step, 30_000);
    await step.undo();
    expect(step.tools.vcenter.destroyed).toEqual(['web-01']);
  });

  it('leaves nothing to destroy once it is certain that nothing comes', async () => {
    const step = await unheard();
    await expectToTake(step.undo(), { atLeastMs: 34_000, atMostMs: 37_000 });
    await expectToTake(step.undo(), { atLeastMs: 0, atMostMs: 0 });
    expect(step.lines.at(-1)).toBe('vCenter has no machine of this run.');
  });

  it('never makes somebody else’s machine of its name ours', async () => {
    const step = await unheard();
    const stranger = step.tools.vcenter.add({ name: 'web-01' });
    await step.undo();
    expect(step.tools.vcenter.machines.get(stranger.moRef)).toBe(stranger);
  });

  it('is not given up while vCenter cannot be asked', async () => {
    const step = await unheard();
    step.tools.vcenter.calls.failNext('findClone', transientFailure());
    await expect(step.undo()).rejects.toMatchObject({ code: 'vcenter-unreachable' });
  });
});

describe('a clone that did not begin', () => {
  it.each([
    ['vCenter refuses it', finalFailure('vcenter-permission-denied')],
    ['vCenter refuses it for now', transientFailure('vcenter-fault')],
    ['vCenter lets nobody in', finalFailure('vcenter-login-refused')],
    ['the run is cancelled before it is asked for', new Interruption('cancelled')],
  ])('is not waited for: %s', async (_, refusal) => {
    const step = await bench();
    step.tools.vcenter.calls.failNext('startClone', refusal);
    await expect(step.take()).rejects.toBe(refusal);
    expect(step.notes).toMatchObject({ asked: false });
    await expectToTake(step.undo(), { atLeastMs: 0, atMostMs: 0 });
  });
});

describe('undoing a clone', () => {
  it('destroys the machine of the run, also when it runs', async () => {
    const step = await bench();
    const { machine } = await step.take();
    Object.assign(step.tools.vcenter.machineOf(RUN_ID) ?? {}, { poweredOn: true });
    await step.undo();
    expect(step.tools.vcenter.destroyed).toEqual(['web-01']);
    const { moRef } = machine as { moRef: string };
    expect(step.lines.at(-1)).toBe(`Destroyed the machine ${moRef} (web-01).`);
  });

  it('waits for a clone that goes on, and destroys what it made', async () => {
    const step = await bench();
    step.tools.vcenter.clones.held = true;
    await expect(step.take(stoppedSoon('worker-stopping'))).rejects.toThrow('worker-stopping');
    setTimeout(() => step.tools.vcenter.clones.finish(), 60_000);
    await step.undo();
    expect(step.tools.vcenter.destroyed).toEqual(['web-01']);
  });

  it('does not say that it is done while vCenter cannot say how the clone goes on', async () => {
    const step = await bench();
    step.tools.vcenter.clones.held = true;
    step.tools.vcenter.calls.failNext('followTask', transientFailure(), transientFailure());
    await expect(step.take()).rejects.toThrow();
    await expect(step.undo()).rejects.toMatchObject({ code: 'vcenter-unreachable' });
  });

  it('does nothing when there is nothing', async () => {
    const step = await bench();
    await step.undo();
    await step.undo();
    expect(step.tools.vcenter.destroyed).toEqual([]);
    expect(step.lines.at(-1)).toBe('vCenter has no machine of this run.');
  });

  it('never touches a machine without the mark of the run', async () => {
    const step = await bench();
    const stranger = step.tools.vcenter.add({ name: 'web-01', instanceUuid: RUN_ID });
    await expect(step.undo()).rejects.toMatchObject({ code: 'not-our-machine' });
    expect(step.tools.vcenter.machines.get(stranger.moRef)).toBe(stranger);
  });

  it('leaves nothing when the clone is cancelled half-way', async () => {
    const step = await bench();
    step.tools.vcenter.clones.held = true;
    await expect(step.take(stoppedSoon('cancelled'))).rejects.toThrow('cancelled');
    step.tools.vcenter.clones.finish();
    await expectToTake(step.undo(), { atLeastMs: 0, atMostMs: 0 });
    expect(step.tools.vcenter.machines.size).toBe(0);
  });

  it('waits for nothing when the run is cancelled while vCenter takes the request', async () => {
    const step = await bench();
    const { vcenter } = step.tools;
    const stop = new AbortController();
    const start = vcenter.startClone.bind(vcenter);
    vi.spyOn(vcenter, 'startClone').mockImplementation(async (...asked) => {
      const task = await start(...asked);
      stop.abort(new Interruption('cancelled'));
      return task;
    });
    vcenter.clones.held = true;
    await expect(step.take(stop.signal)).rejects.toThrow('cancelled');
    expect(step.notes['task']).toBe('task-1');
    vcenter.clones.finish();
    await expectToTake(step.undo(), { atLeastMs: 0, atMostMs: 0 });
    expect(vcenter.machines.size).toBe(0);
  });
});

/** A signal that tells to stop while the clone goes on. */
function stoppedSoon(code: Interruption['code']): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Interruption(code)), 10);
  return stop.signal;
}

/** vCenter comes to a request of which the answer is lost after this time, and makes its machine. */
function beginsAfter({ tools }: StepBench, ms: number): void {
  const clone = { name: 'web-01', run: RUN_ID, instanceUuid: RUN_ID };
  setTimeout(() => tools.vcenter.add(clone), ms);
}

async function expectToTake(
  work: Promise<unknown>,
  { atLeastMs, atMostMs }: { readonly atLeastMs: number; readonly atMostMs: number },
): Promise<void> {
  const before = Date.now();
  await work;
  expect(Date.now() - before).toBeGreaterThanOrEqual(atLeastMs);
  expect(Date.now() - before).toBeLessThanOrEqual(atMostMs);
}
