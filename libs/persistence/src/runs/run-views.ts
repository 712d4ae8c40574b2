import {
  allowedActions,
  type RunLinks,
  runPath,
  type RunStatusView,
  type RunSummary,
  type RunView,
  type StepView,
} from '@diaken/contracts';
import type { RunEntity, RunStepEntity } from '../entities/run.entity';
import type { HostResultEntity } from '../entities/run-trace.entity';

/** Where to read on about a run. */
export function linksOf(id: string): RunLinks {
  return {
    self: runPath(id),
    status: runPath(id, 'status'),
    events: runPath(id, 'events'),
    log: runPath(id, 'log'),
    logStream: runPath(id, 'log/stream'),
    wait: runPath(id, 'wait'),
  };
}

/** The columns that a status is made of. */
type StatusColumns = Pick<
  RunEntity,
  | 'id'
  | 'status'
  | 'progress'
  | 'currentStep'
  | 'waitingReason'
  | 'failure'
  | 'logLines'
  | 'revision'
>;

export function toRunStatusView(run: StatusColumns): RunStatusView {
  const { id, status, progress, currentStep, waitingReason, failure, logLines, revision } = run;
  return { id, status, progress, step: currentStep, waitingReason, failure, logLines, revision };
}

export function toRunSummary(run: RunEntity): RunSummary {
  const { kind, target, requestedBy, createdAt, startedAt, endedAt } = run;
  return {
    ...toRunStatusView(run),
    kind,
    target,
    requestedBy,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}

export function toRunView(
  run: RunEntity,
  steps: readonly RunStepEntity[],
  results: readonly HostResultEntity[],
): RunView {
  return {
    ...toRunSummary(run),
    steps: steps.map(toStepView),
    actions: [...allowedActions(run.status)],
    request: run.request,
    result: Object.assign({}, ...steps.map(({ gives }) => gives)),
    hosts: results.map(({ result }) => result),
    links: linksOf(run.id),
  };
}

function toStepView(step: RunStepEntity): StepView {
  const { name, title, status, attempts, progress, message, startedAt, endedAt } = step;
  return {
    name,
    title,
    status,
    attempts,
    progress,
    message,
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}
