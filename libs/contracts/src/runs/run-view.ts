import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';
import { PROBLEM_CODE_LIST } from '../problems/problem-codes';
import { RUN_KINDS } from './run-kind';
import { RunPolicy } from './run-policy';
import { RUN_ACTIONS, RUN_STATUSES } from './run-status';
import { STEP_STATUSES } from './step-status';

const when = z.iso.datetime();

/** Why a run or a step failed, and what to do about it. */
export const RunFailure = z.object({
  step: z.string(),
  code: z.enum(PROBLEM_CODE_LIST),
  message: z.string().meta({ description: 'The cause, in plain words.' }),
  remedy: z.string(),
});
export type RunFailure = z.infer<typeof RunFailure>;

/** Where to read on about a run. */
export const RunLinks = z.object({
  self: z.string(),
  status: z.string(),
  events: z.string(),
  log: z.string(),
  logStream: z.string(),
  wait: z.string(),
});
export type RunLinks = z.infer<typeof RunLinks>;

/** Why a run waits. Codes are stable, for translations. */
export const WAITING_CODES = [
  'maintenance',
  'no-worker',
  'worker-lost',
  'workers-busy',
  'limit',
  'retry',
  'queued',
] as const;
export type WaitingCode = (typeof WAITING_CODES)[number];

export const RunWaiting = z
  .object({
    code: z.enum(WAITING_CODES),
    message: z.string().meta({ description: 'What it waits for, in plain words.' }),
    until: when.nullable().meta({ description: 'When it is tried again, where that is known.' }),
    place: z.number().int().nullable().meta({
      description: 'Its place in the queue, from 1 on; null where that is not asked for.',
    }),
  })
  .meta({ id: 'RunWaiting' });
export type RunWaiting = z.infer<typeof RunWaiting>;

/** One step in the timeline. */
export const StepView = z
  .object({
    name: z.string(),
    title: z.string(),
    status: z.enum(STEP_STATUSES),
    startedAt: when.nullable(),
    endedAt: when.nullable(),
    attempts: z.number().int(),
    progress: z.number().min(0).max(1),
    message: z.string().nullable().meta({ description: 'What it is at, or how it ended.' }),
  })
  .meta({ id: 'Step' });
export type StepView = z.infer<typeof StepView>;

/** The little that changes while a run goes on; what a poll reads. */
export const RunStatusView = z
  .object({
    id: z.uuid(),
    status: z.enum(RUN_STATUSES),
    progress: z.number().min(0).max(1),
    step: z.string().nullable().meta({ description: 'Title of the step that runs now.' }),
    waiting: RunWaiting.nullable(),
    failure: RunFailure.nullable(),
    logLines: z.number().int().meta({ description: 'Log lines stored so far.' }),
    revision: z.number().int().meta({ description: 'Grows with every change of the run.' }),
  })
  .meta({ id: 'RunStatus' });
export type RunStatusView = z.infer<typeof RunStatusView>;

/** A row of the history. */
export const RunSummary = RunStatusView.extend({
  kind: z.enum(RUN_KINDS),
  target: z.string().meta({ description: 'What it acts on: a host name, a vCenter.' }),
  requestedBy: z.string(),
  priority: z.number().int(),
  cancel: z.enum(['roll-back', 'keep']).nullable().meta({
    description: 'What whoever cancelled it wants to become of what it made; null: nobody did.',
  }),
  createdAt: when,
  startedAt: when.nullable(),
  endedAt: when.nullable(),
}).meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

/** What a playbook did on one host. Counts are tasks. */
export const HostResult = z
  .object({
    step: z.string(),
    playbook: z.string(),
    host: z.string(),
    ok: z.number().int(),
    changed: z.number().int(),
    failed: z.number().int(),
    unreachable: z.number().int(),
    skipped: z.number().int(),
    rescued: z.number().int(),
    ignored: z.number().int(),
    firstError: z.object({ task: z.string(), message: z.string() }).nullable(),
    durationMs: z.number().int(),
  })
  .meta({ id: 'HostResult' });
export type HostResult = z.infer<typeof HostResult>;

/** A playbook of the library that a run has played, or plays. */
export const PlayedPlaybook = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.number().int().meta({ description: 'Which of its versions.' }),
    commit: z.string().nullable().meta({ description: 'Of its Git project, where it has one.' }),
  })
  .meta({ id: 'PlayedPlaybook' });
export type PlayedPlaybook = z.infer<typeof PlayedPlaybook>;

/** A run in full. */
export const RunView = RunSummary.extend({
  steps: z.array(StepView),
  actions: z.array(z.enum(RUN_ACTIONS)),
  editable: z
    .array(z.string())
    .meta({ description: 'Fields of the request that a resume may change.' }),
  attempt: z.number().int().meta({ description: 'Attempt at the run as a whole, from 1 on.' }),
  policy: RunPolicy,
  expiresAt: when.nullable().meta({ description: 'When a failed run is rolled back by itself.' }),
  relaunchOf: z.uuid().nullable().meta({ description: 'The run that this one repeats.' }),
  batchId: z.uuid().nullable().meta({ description: 'The batch that it was asked for in.' }),
  request: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for.' }),
  result: z.record(z.string(), z.unknown()).meta({ description: 'What the steps gave.' }),
  hosts: z.array(HostResult),
  playbooks: z.array(PlayedPlaybook),
  links: RunLinks,
}).meta({ id: 'Run' });
export type RunView = z.infer<typeof RunView>;

/** The answer to a request that starts work (202). */
export const RunAccepted = z
  .object({ id: z.uuid(), status: z.enum(RUN_STATUSES), links: RunLinks })
  .meta({ id: 'RunAccepted' });
export type RunAccepted = z.infer<typeof RunAccepted>;

/** Filters of the history. */
export const RunListQuery = PageQuery.extend({
  status: z.enum(RUN_STATUSES).optional(),
  kind: z.enum(RUN_KINDS).optional(),
  target: z.string().max(253).optional().meta({ description: 'Part of the target, any case.' }),
  batchId: z.uuid().optional(),
});
export type RunListQuery = z.infer<typeof RunListQuery>;

export const RunPage = pageOf(RunSummary).meta({ id: 'RunPage' });

/** How long `GET /runs/:id/wait` holds the answer back. */
export const WaitQuery = z.strictObject({
  timeout: z.coerce.number().int().min(0).max(300).default(30).meta({ description: 'Seconds.' }),
});
export type WaitQuery = z.infer<typeof WaitQuery>;
