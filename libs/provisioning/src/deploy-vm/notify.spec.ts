import { describe, expect, it } from 'vitest';
import { RUN_ID, stepBench } from '../testing';

describe('telling the requester', () => {
  it('says which machine is ready, and where', async () => {
    const step = await stepBench('notify');
    await step.take();
    expect(step.tools.notifier.messages).toEqual([
      { runId: RUN_ID, hostname: 'web-01', address: '10.1.0.20', requestedBy: 'alice' },
    ]);
  });

  it('never fails a run', async () => {
    const { step } = await stepBench('notify');
    expect(step.onFailure).toBe('ignore');
  });
});
