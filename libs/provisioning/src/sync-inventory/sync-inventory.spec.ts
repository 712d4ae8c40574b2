import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTools, finalFailure, RunBench, transientFailure, VCENTER_ID } from '../testing';

const bench = () => new RunBench(fakeTools(), { vcenterId: VCENTER_ID }, 'sync-inventory');

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('reading an inventory', () => {
  it('keeps what the vCenter has, and counts it', async () => {
    const sync = bench();
    await sync.advance();
    expect(sync.run.status).toBe('success');
    expect(sync.tools.inventory.of(VCENTER_ID)).toEqual(sync.tools.vcenter.inventory);
    const counts = { objects: 8, templates: 1, machines: 0, changed: 8, gone: 0 };
    expect(sync.result).toEqual(counts);
    expect(sync.store.lines).toEqual([
      'Read 8 objects, 1 templates and 0 machines among them: 8 new or changed, 0 gone.',
    ]);
  });

  it('keeps each object once when it is done twice', async () => {
    const sync = bench();
    await sync.dieAfter('read-inventory');
    await sync.advance();
    expect(sync.run.status).toBe('success');
    expect(sync.tools.inventory.of(VCENTER_ID)).toHaveLength(8);
  });

  it('forgets what the vCenter does not have any more', async () => {
    const tools = fakeTools();
    await new RunBench(tools, { vcenterId: VCENTER_ID }, 'sync-inventory').advance();
    tools.vcenter.remove('DS0');
    await new RunBench(tools, { vcenterId: VCENTER_ID }, 'sync-inventory').advance();
    expect(tools.inventory.of(VCENTER_ID).map(({ name }) => name)).not.toContain('DS0');
  });

  it('asks a vCenter that is away again', async () => {
    const sync = bench();
    const { calls } = sync.tools.vcenter;
    calls.failNext('readInventory', transientFailure(), transientFailure());
    await sync.advance();
    expect(sync.run.status).toBe('success');
    expect(sync.step('read-inventory')?.attempts).toBe(3);
  });

  it('notes at the vCenter why it cannot be read, until it can', async () => {
    const sync = bench();
    const { calls } = sync.tools.vcenter;
    calls.failNext('readInventory', transientFailure());
    sync.tools.inventory.calls.failNext('replace', transientFailure());
    await sync.advance();
    expect(sync.tools.inventory.calls.count('noteProblem')).toBe(1);
    expect(sync.tools.inventory.problems.size).toBe(0);
  });

  it('keeps what it knew when the vCenter lets nobody in', async () => {
    const sync = bench();
    const reading = { instanceUuid: '', objects: sync.tools.vcenter.inventory };
    await sync.tools.inventory.replace(VCENTER_ID, reading);
    sync.tools.vcenter.calls.failNext('readInventory', finalFailure('vcenter-login-refused'));
    await sync.advance();
    expect(sync.run).toMatchObject({
      status: 'failed',
      failure: { step: 'read-inventory', code: 'vcenter-login-refused' },
    });
    expect(sync.tools.inventory.of(VCENTER_ID)).toHaveLength(8);
    expect(sync.tools.inventory.problems.get(VCENTER_ID)?.code).toBe('vcenter-login-refused');
  });
});
