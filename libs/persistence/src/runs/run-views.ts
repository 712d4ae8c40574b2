import {
  allowedActions,
  isRelaunched,
  type RunLinks,
  runPath,
  RunPolicy,
  type RunStatusView,
  type RunSummary,
  type RunView,
  type RunWaiting,
  type StepView,
} from '@diaken/contracts';
import { editableFor, hasUndo, playedPlaybooks } from '@diaken/provisioning';
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
  'id' | 'status' | 'progress' | 'currentStep' | 'failure' | 'logLines' | 'revision'
>;

export function toRunStatusView(run: StatusColumns, waiting: RunWaiting | null): RunStatusView {
  const { id, status, progress, currentStep, failure, logLines, revision } = run;
  return { id, status, progress, step: currentStep, waiting, failure, logLines, revision };
}

export function toRunSummary(run: RunEntity, waiting: RunWaiting | null): RunSummary {
  const { kind, target, requestedBy, priority, cancel, createdAt, startedAt, endedAt } = run;
  return {
    ...toRunStatusView(run, waiting),
    kind,
    target,
    requestedBy,
    priority,
    cancel,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}

/** What a run in full is made of. */
export interface RunParts {
  readonly run: RunEntity;
  readonly waiting: RunWaiting | null;
  readonly steps: readonly RunStepEntity[];
  readonly results: readonly HostResultEntity[];
}

export function toRunView({ run, waiting, steps, results }: RunParts): RunView {
  const actions = allowedActions(run).filter(
    (action) =>
      (action !== 'roll-back' || hasUndo(run.kind)) &&
      (action !== 'relaunch' || isRelaunched(run.kind)),
  );
  return {
    ...toRunSummary(run, waiting),
    steps: steps.map(toStepView),
    actions,
    editable: actions.includes('resume') ? editableIn(run, steps) : [],
    attempt: run.attempt + 1,
    policy: RunPolicy.parse(run.policy),
    expiresAt: run.expiresAt?.toISOString() ?? null,
    relaunchOf: run.relaunchOf,
    batchId: run.batchId,
    request: run.request,
    result: Object.assign({}, ...steps.map(({ gives }) => gives)),
    hosts: results.map(({ result }) => result),
    playbooks: [...playedPlaybooks(steps)],
    links: linksOf(run.id),
  };
}

/** Fields of the request that a resume may change. */
export function editableIn(
  { kind }: Pick<RunEntity, 'kind'>,
  steps: readonly Pick<RunStepEntity, 'name' | 'status'>[],
): string[] {
  return editableFor(kind, (name) =>
    steps.some((step) => step.name === name && ['success', 'skipped'].includes(step.status)),
  );
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
