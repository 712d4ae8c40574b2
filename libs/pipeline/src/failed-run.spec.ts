import { describe, expect, it, vi } from 'vitest';
import { editableFields } from './pipeline';
import { final, transient, untilAborted, world } from './testing/world';

const retry = { attempts: 3, delaySeconds: 30, backoff: 'exponential' };

describe('a run that fails', () => {
  it('is tried again as a whole when the failure may pass, and goes on at its step', async () => {
    let broken = true;
    const first = vi.fn(async () => ({}));
    const second = async () => (broken ? Promise.reject(transient()) : {});
    const w = world({ run: first }, { run: second }, { request: { retry } });
    expect(await w.advance()).toBe('given-back');
    expect(w.run()).toMatchObject({
      status: 'pending',
      attempt: 1,
      failure: { code: 'vcenter-unreachable' },
    });
    broken = false;
    await w.advance();
    expect(w.run().status).toBe('success');
    expect(first).toHaveBeenCalledTimes(1);
  });

  it('waits longer each time, and is held after the last attempt', async () => {
    const w = world({ run: () => Promise.reject(transient()) }, {}, { request: { retry } });
    const moves = vi.spyOn(w.store, 'moveRun');
    await w.advance();
    await w.advance();
    await w.advance();
    expect(w.run().status).toBe('failed');
    const pauses = moves.mock.calls.flatMap(([, , move]) => move?.retryInMs ?? []);
    expect(pauses).toHaveLength(2);
    expect(pauses[0]).toSatisfy((ms: number) => ms >= 15_000 && ms <= 45_000);
    expect(pauses[1]).toSatisfy((ms: number) => ms >= 30_000 && ms <= 90_000);
  });

  it('does not wait for another attempt when somebody cancels it meanwhile', async () => {
    const run = async () => {
      w.store.set('r1', { cancel: 'roll-back' });
      throw transient();
    };
    const w = world({ run }, {}, { request: { retry } });
    await w.advance();
    expect(w.run().status).toBe('cancelled');
  });

  it('is never tried again when the failure stays', async () => {
    const w = world({ run: () => Promise.reject(final()) }, {}, { request: { retry } });
    await w.advance();
    expect(w.run().status).toBe('failed');
  });

  it('is rolled back at once when its policy says destroy, and keeps its failure', async () => {
    const undo = vi.fn(async () => undefined);
    const request = { onFailure: { machine: 'destroy' } };
    const w = world({ undo, run: () => Promise.reject(final()) }, {}, { request });
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'rolled_back', failure: { message: 'It broke.' } });
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('does what its pipeline does before it is held, and tells of it in the log', async () => {
    const held = {
      run: async (_facts: object, at: { log(line: string): void }) => (at.log('Off.'), {}),
    };
    const w = world({ run: () => Promise.reject(final()) }, {}, { held });
    await w.advance();
    expect(w.run().status).toBe('failed');
    expect(w.store.lines).toEqual(['Failed: It broke. Mend it.', 'Off.']);
  });

  it('is held also when that fails', async () => {
    const held = { run: () => Promise.reject(transient()) };
    const w = world({ run: () => Promise.reject(final()) }, {}, { held });
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'failed', failure: { code: 'playbook-failed' } });
    expect(w.store.lines).toContain('"held" failed: Busy.');
  });

  it('is held when it has ended one worker after another', async () => {
    const first = vi.fn(async () => ({}));
    const w = world({ run: first });
    w.store.set('r1', { status: 'running', losses: 5 });
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'failed', failure: { code: 'worker-lost' } });
    expect(first).not.toHaveBeenCalled();
  });
});

describe('a run of another version', () => {
  it('is held, and says why', async () => {
    const w = world({});
    const steps = w.built.steps.map((step) => ({ ...step, name: `new-${step.name}` }));
    w.store.add('r1', { ...w.built, steps }, {});
    await w.advance();
    expect(w.run()).toMatchObject({ status: 'failed', failure: { code: 'unknown-pipeline' } });
  });
});

describe('the fields that a resume may change', () => {
  it('are those of steps that are not done', () => {
    const { built } = world({ lastToUse: ['credentialId'] }, { lastToUse: ['extraVars'] });
    expect(editableFields(built, () => false)).toEqual(['credentialId', 'extraVars']);
    expect(editableFields(built, (name) => name === 'first')).toEqual(['extraVars']);
  });
});

describe('a log', () => {
  it('has each line once when the answer to a write was lost', async () => {
    const w = world({ run: async (_facts, at) => (at.log('one'), {}) });
    const append = w.store.appendLog.bind(w.store);
    let isLost = true;
    vi.spyOn(w.store, 'appendLog').mockImplementation(async (lease, batch) => {
      await append(lease, batch);
      if (isLost) {
        isLost = false;
        throw new Error('connection reset');
      }
    });
    await w.advance();
    expect(w.run().status).toBe('success');
    expect(w.store.lines).toEqual(['one']);
  });

  it('says who cancelled the run, and what becomes of what it made', async () => {
    const w = world({ run: (_facts, at) => untilAborted(at) });
    const done = w.advance();
    await vi.waitFor(() => expect(w.step('first')?.status).toBe('running'));
    w.store.set('r1', { cancel: 'keep' });
    await w.runner.heed('r1');
    await done;
    expect(w.store.lines).toEqual(['Cancelled by an operator. What it made is kept.']);
  });
});
