import { vi } from 'vitest';
import { pipeline } from '../pipeline';
import { PipelineRunner } from '../pipeline-runner';
import { defineStep, type Step, type StepContext } from '../step';
import { StepFailure } from '../step-failure';
import { InMemoryRunStore } from './in-memory-run-store';

/** A failure that another attempt may cure. */
export const transient = () =>
  new StepFailure({
    code: 'vcenter-unreachable',
    message: 'Busy.',
    remedy: 'Wait.',
    transient: true,
  });
/** A failure that stays. */
export const final = () =>
  new StepFailure({
    code: 'playbook-failed',
    message: 'It broke.',
    remedy: 'Mend it.',
    transient: false,
  });

/** Waits until the step is told to stop, as an adapter does. */
export const untilAborted = ({ signal }: StepContext<object>) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

export type AnyStep = Partial<Step<object, object>>;
export const stepOf = (name: string, more: AnyStep = {}) =>
  defineStep<object, object>({
    name,
    title: name,
    timeoutMs: 5_000,
    run: async () => ({}),
    ...more,
  });

/** A runner with a pipeline of two steps and one run. */
export function world(
  first: AnyStep,
  second: AnyStep = {},
  { request = {}, held = {} }: { request?: object; held?: AnyStep } = {},
) {
  const built = pipeline<object>('deploy-vm')
    .whenHeld(stepOf('held', held))
    .step(stepOf('first', first))
    .step(stepOf('second', second))
    .build();
  const store = new InMemoryRunStore();
  store.add('r1', built, { hostname: 'web-01', ...request });
  const unexpected = vi.fn();
  const runner = new PipelineRunner(store, new Map([['deploy-vm', built]]), {
    leaseMs: 60,
    renewEveryMs: 5,
    observer: { unexpected },
  });
  const advance = async (stopping = new AbortController().signal) => {
    const lease = await store.claim('r1');
    return lease ? runner.advance(lease, stopping) : 'not-ours';
  };
  const step = (name: string) => store.get('r1').steps.find((record) => record.name === name);
  return { built, store, runner, advance, step, unexpected, run: () => store.get('r1') };
}
