import { describe, expect, it, vi } from 'vitest';
import { pipeline } from './pipeline';
import { defineStep } from './step';
import { final, transient, untilAborted, world } from './testing/world';

describe('a pipeline runner', () => {
  it('takes every step in order and hands facts on', async () => {
    const seen: unknown[] = [];
    const w = world(
      { run: async () => ({ machine: 'vm-1' }) },
      { run: async (facts) => (seen.push(facts), {}) },
    );
    expect(await w.advance()).toBe('settled');
    expect(w.run().status).toBe('success');
    expect(seen).toEqual([{ hostname: 'web-01', machine: 'vm-1' }]);
    expect(w.store.trail).toEqual([
      'run running',
      'first running',
      'first success',
      'second running',
      'second success',
      'run success',
    ]);
  });

  it('skips what does not apply', async () => {
    const w = world({}, { applies: () => false });
    await w.advance();
    expect(w.step('second')?.status).toBe('skipped');
    expect(w.run().status).toBe('success');
  });

  it('holds at a failed step and goes on there when resumed', async () => {
    let broken = true;
    const first = vi.fn(async () => ({}));
    const w = world({ run: first }, { run: async () => (broken ? Promise.reject(final()) : {}) });
    await w.advance();
    expect(w.run()).toMatchObject({
      status: 'failed',
      failure: {
        step: 'second',
        code: 'playbook-failed',
        message: 'It broke.',
        remedy: 'Mend it.',
      },
    });
    broken = false;
    w.store.set('r1', { status: 'pending' });
    await w.advance();
    expect(w.run().status).toBe('success');
    expect(first).toHaveBeenCalledTimes(1);
    expect(w.step('second')?.attempts).toBe(2);
  });

  it('undoes in reverse order what was begun, also what failed half-way', async () => {
    const undone: string[] = [];
    const undo = (name: string) => async () => void undone.push(name);
    const w = world(
      { undo: undo('first') },
      { onFailure: 'roll-back', run: () => Promise.reject(final()), undo: undo('second') },
    );
    await w.advance();
    expect(undone).toEqual(['second', 'first']);
    expect(w.run()).toMatchObject({ status: 'rolled_back', failure: { code: 'playbook-failed' } });
  });

  it('goes on after a failure that may be ignored', async () => {
    const w = world({ onFailure: 'ignore', run: () => Promise.reject(final()) });
    await w.advance();
    expect(w.step('first')?.status).toBe('failed');
    expect(w.run().status).toBe('success');
  });

  it.each([
    ['a transient failure that passes', transient, 2, 'success', 3],
    ['a transient failure that stays', transient, 3, 'failed', 3],
    ['a final failure', final, 1, 'failed', 1],
  ])('meets %s', async (_name, error, failures, status, attempts) => {
    let left = failures;
    const w = world({
      retry: { attempts: 3, delayMs: 1, backoff: 2 },
      run: async () => (left-- > 0 ? Promise.reject(error()) : {}),
    });
    await w.advance();
    expect(w.run().status).toBe(status);
    expect(w.step('first')?.attempts).toBe(attempts);
  });

  it('gives up a step that takes too long, and says so', async () => {
    const w = world({ timeoutMs: 5, run: (_facts, at) => untilAborted(at) });
    await w.advance();
    expect(w.run()).toMatchObject({
      status: 'failed',
      failure: { step: 'first', code: 'timed-out' },
    });
  });

  it('keeps the text of an unexpected error out of the run', async () => {
    const w = world({ run: () => Promise.reject(new Error('password=hunter2')) });
    await w.advance();
    expect(w.run().failure?.code).toBe('unexpected-error');
    expect(JSON.stringify([w.run(), w.store.lines])).not.toContain('hunter2');
    expect(w.unexpected).toHaveBeenCalledWith(expect.any(Error), { runId: 'r1', step: 'first' });
  });

  it('stores notes before it goes on, and shows them to the next attempt', async () => {
    const seen: unknown[] = [];
    const w = world({
      retry: { attempts: 2, delayMs: 1 },
      run: async (_facts, at) => {
        seen.push({ ...at.notes });
        await at.note({ task: 'task-1' });
        return seen.length === 1 ? Promise.reject(transient()) : {};
      },
    });
    await w.advance();
    expect(seen).toEqual([{}, { task: 'task-1' }]);
    expect(w.step('first')?.notes).toEqual({ task: 'task-1' });
  });

  it('stores a checkpoint together with the lines before it', async () => {
    const w = world({
      run: async (_facts, at) => {
        at.log('one');
        at.checkpoint({ read: 3 });
        return {};
      },
    });
    const append = vi.spyOn(w.store, 'appendLog');
    await w.advance();
    expect(append).toHaveBeenCalledTimes(1);
    expect(append.mock.calls[0]?.[1]).toEqual({
      after: 0,
      lines: [expect.objectContaining({ text: 'one' })],
      notes: new Map([['first', { read: 3 }]]),
    });
  });

  it('stores the lines of a step before it tells how the step ended', async () => {
    const w = world({ run: async (_facts, at) => (at.log('one\ntwo'), {}) });
    await w.advance();
    expect(w.store.lines).toEqual(['one', 'two']);
  });

  it('works on a run once when it is delivered twice', async () => {
    const first = vi.fn(async () => ({}));
    const w = world({ run: first });
    const [one, two] = await Promise.all([w.advance(), w.advance()]);
    expect([one, two].sort()).toEqual(['not-ours', 'settled']);
    expect(first).toHaveBeenCalledTimes(1);
  });
});

describe('an interrupted run', () => {
  it('is cancelled and rolled back', async () => {
    const undo = vi.fn(async () => undefined);
    const w = world({ run: (_facts, at) => untilAborted(at), undo });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.set('r1', { cancel: 'roll-back' });
    await done;
    expect(w.run().status).toBe('cancelled');
    expect(w.step('first')?.status).toBe('undone');
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('keeps the machine when whoever cancels asks for that', async () => {
    const undo = vi.fn(async () => undefined);
    const w = world({ run: (_facts, at) => untilAborted(at), undo });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.set('r1', { cancel: 'keep' });
    await done;
    expect(w.run().status).toBe('cancelled');
    expect(undo).not.toHaveBeenCalled();
  });

  it('is cancelled also when that is asked for while its last step ends', async () => {
    const undo = vi.fn(async () => undefined);
    const cancel = () => w.store.set('r1', { cancel: 'roll-back' });
    const w = world({ undo }, { run: async () => (cancel(), {}) });
    await w.advance();
    expect(w.run().status).toBe('cancelled');
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('ends what goes on of a step that no worker is at, also when the machine is kept', async () => {
    const [undo, end] = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
    const more = { undone: 'though-kept', undo: end } as const;
    const w = world({ undo }, { ...more, run: (_facts, at) => untilAborted(at) });
    const stop = new AbortController();
    const done = w.advance(stop.signal);
    await vi.waitFor(() => expect(w.step('second')?.status).toBe('running'));
    stop.abort();
    await done;
    w.store.set('r1', { status: 'cancelling', cancel: 'keep' });
    await w.advance();
    expect(w.run().status).toBe('cancelled');
    expect(undo).not.toHaveBeenCalled();
    expect(end).toHaveBeenCalledTimes(1);
  });

  it('takes back what the request made, also when it is cancelled before the step began', async () => {
    const undo = vi.fn(async () => undefined);
    const first = {
      run: (_facts: unknown, at: Parameters<typeof untilAborted>[0]) => untilAborted(at),
    };
    const w = world(first, { undone: 'though-not-begun', undo });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.set('r1', { cancel: 'roll-back' });
    await done;
    expect(w.run().status).toBe('cancelled');
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('goes back to the queue when the worker stops', async () => {
    const stop = new AbortController();
    const w = world({ run: (_facts, at) => untilAborted(at) });
    const done = w.advance(stop.signal);
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    stop.abort();
    expect(await done).toBe('given-back');
    expect(w.run().status).toBe('pending');
  });

  it('is left alone once another worker has it', async () => {
    const w = world({ run: (_facts, at) => untilAborted(at) });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.steal('r1');
    expect(await done).toBe('not-ours');
    expect(w.run().status).toBe('running');
  });

  it('is taken up where a worker that died had left it', async () => {
    const w = world({
      run: (_facts, at) => (at.attempt === 1 ? untilAborted(at) : Promise.resolve({})),
    });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.steal('r1');
    await done;
    w.store.abandon('r1');
    await w.advance();
    expect(w.run().status).toBe('success');
    expect(w.step('first')?.attempts).toBe(2);
  });

  it('outlives a database that is away for less than the lease', async () => {
    let goOn: () => void = () => undefined;
    const w = world({ run: () => new Promise((resolve) => (goOn = () => resolve({}))) });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.isAway = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    w.store.isAway = false;
    goOn();
    await done;
    expect(w.run().status).toBe('success');
  });

  it('does not blame a step for a write that the database did not take', async () => {
    const w = world({ run: async () => ((w.store.isAway = true), {}) });
    expect(await w.advance()).toBe('not-ours');
    w.store.isAway = false;
    expect(w.run().status).toBe('running');
    expect(w.step('first')?.status).toBe('running');
  });

  it('does not blame a step for what it could not read while the database was away', async () => {
    let isAway = true;
    const first = async () => (isAway ? Promise.reject(new Error('connection refused')) : {});
    const w = world({ run: first });
    await expect(w.advance()).rejects.toThrow('away');
    expect(w.run()).toMatchObject({ status: 'running' });
    isAway = false;
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'success' });
    expect(w.unexpected).not.toHaveBeenCalled();
  });

  it('stops when the database is away for longer than the lease', async () => {
    const w = world({ run: (_facts, at) => untilAborted(at) });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.isAway = true;
    expect(await done).toBe('not-ours');
  });

  it('is cancelled when somebody asked for that while no worker had it', async () => {
    const undo = vi.fn(async () => undefined);
    const w = world({ run: (_facts, at) => untilAborted(at), undo });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.steal('r1');
    await done;
    w.store.set('r1', { cancel: 'roll-back' });
    w.store.abandon('r1');
    expect(await w.advance()).toBe('settled');
    expect(w.run().status).toBe('cancelled');
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('undoes again after a transient failure', async () => {
    let failures = 1;
    const undo = async () => (failures-- > 0 ? Promise.reject(transient()) : undefined);
    const w = world(
      { undo, retry: { attempts: 2, delayMs: 1 } },
      { onFailure: 'roll-back', run: () => Promise.reject(final()) },
    );
    await w.advance();
    expect(w.run().status).toBe('rolled_back');
  });

  it('stays failed when an undo fails, and is rolled back when the undo works again', async () => {
    let broken = true;
    const undo = async () => (broken ? Promise.reject(final()) : undefined);
    const w = world({ undo }, { onFailure: 'roll-back', run: () => Promise.reject(final()) });
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'failed', failure: { step: 'first' } });
    broken = false;
    w.store.set('r1', { status: 'rolling_back' });
    await w.advance();
    expect(w.run().status).toBe('rolled_back');
  });
});

describe('the pipeline builder', () => {
  const gives = defineStep<object, { machine: string }>({
    name: 'gives',
    title: 'Gives',
    timeoutMs: 1,
    run: async () => ({ machine: 'vm-1' }),
  });
  const needs = defineStep<{ machine: string }, object>({
    name: 'needs',
    title: 'Needs',
    timeoutMs: 1,
    run: async () => ({}),
  });

  it('compiles only when every step has what it needs', () => {
    pipeline<object>('deploy-vm').step(gives).step(needs).build();
    // @ts-expect-error: nothing gives a machine yet
    const wrong = pipeline<object>('deploy-vm').step(needs);
    expect(wrong.build().steps).toHaveLength(1);
  });

  it('refuses two steps of one name', () => {
    expect(() => pipeline<object>('deploy-vm').step(gives).step(gives).build()).toThrow(
      'two steps',
    );
  });
});
