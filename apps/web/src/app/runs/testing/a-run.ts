import { RunPolicy, RunStatusView, type RunView, type StepView } from '@diaken/contracts';

/** A run for tests; say only what matters. */
export function aRun(change: Partial<RunView> = {}): RunView {
  const id = '0f0e0d0c-0b0a-4900-8000-000000000001';
  const self = `/api/v1/runs/${id}`;
  return {
    id,
    kind: 'deploy-vm',
    target: 'web-01',
    requestedBy: 'admin',
    status: 'running',
    progress: 0.5,
    step: 'Clone the template',
    waiting: null,
    priority: 4,
    cancel: null,
    failure: null,
    logLines: 0,
    revision: 1,
    createdAt: '2026-11-22T12:00:00.000Z',
    startedAt: '2026-11-22T12:00:01.000Z',
    endedAt: null,
    steps: [],
    actions: [],
    editable: [],
    attempt: 1,
    policy: RunPolicy.parse({}),
    expiresAt: null,
    relaunchOf: null,
    batchId: null,
    request: {},
    result: {},
    hosts: [],
    playbooks: [],
    links: {
      self,
      status: `${self}/status`,
      events: `${self}/events`,
      log: `${self}/log`,
      logStream: `${self}/log/stream`,
      wait: `${self}/wait`,
    },
    ...change,
  };
}

/** A step for tests. */
export function aStep(change: Partial<StepView> = {}): StepView {
  return {
    name: 'clone',
    title: 'Clone the template',
    status: 'success',
    startedAt: '2026-11-22T12:00:01.000Z',
    endedAt: '2026-11-22T12:00:42.000Z',
    attempts: 1,
    progress: 1,
    message: null,
    ...change,
  };
}

/** What a poll reads of the run. */
export function statusOf(run: RunView): RunStatusView {
  return RunStatusView.parse(run);
}
