import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseStops, Writing } from './database-stops';
import { type HeldCall, prolongTask, stopAtCall, stopAtGuest } from './lab-stops';
import type { RunRows } from './run-rows';
import { onlyLooking, type Stop } from './stop';
import type { System } from '../support/system';

/** A run that is about to begin the step in which its worker dies. */
export interface Victim {
  readonly runId: string;
  readonly hostname: string;
  readonly address: string;
}

/** What stops runs. */
export interface Stops {
  readonly system: Pick<System, 'lab' | 'folder'>;
  readonly database: DatabaseStops;
  readonly rows: RunRows;
}

/** A moment of a deployment at which its worker is killed. */
export interface KillPoint {
  readonly step: string;
  /** When, in words. */
  readonly moment: string;
  /** Stops the run at this moment of the step; left out: when it is about to record that the step begins. */
  readonly stop?: (victim: Victim, stops: Stops) => Promise<Stop>;
  /** When what is stopped goes on: right after the kill, or only when another worker has the run. */
  readonly goesOn?: 'taken-over';
  readonly template?: string;
  /** Whether the short form kills here. */
  readonly isShort?: true;
}

/** How long the task lasts in whose middle a worker is killed, ms: it still goes on when another one has the run. */
const LONG_TASK_MS = 16_000;

/** Nobody else uses it, so that what reads it is the run. */
const OWN_TEMPLATE = 'rocky-9';

type StopOf = NonNullable<KillPoint['stop']>;

const begins = 'it begins';
const unasked = 'begun, nothing asked of vCenter';
const onTheWay = 'its call on the way, done after the takeover';
const unanswered = 'its call done, answer lost';
const unrecorded = 'done, not recorded';

type TaskMoment = typeof unasked | typeof onTheWay | typeof unanswered | typeof unrecorded;

const writing =
  (what: Writing): StopOf =>
  ({ hostname }, { database }) =>
    database.before(what, hostname);

const call =
  (
    action: HeldCall['action'],
    which: (victim: Victim, rows: RunRows) => Promise<Omit<HeldCall, 'action'>>,
  ): StopOf =>
  async (victim, { system, rows }) =>
    stopAtCall(system.lab, { action, ...(await which(victim, rows)) });

/** A call that names the run's machine. */
const aboutMachine =
  (skip = 0) =>
  async ({ runId }: Victim, rows: RunRows) => ({ contains: `>${await rows.moRef(runId)}<`, skip });

/** A call of a method of the run's machine. */
const ofMachine =
  (method: string) =>
  async ({ runId }: Victim, rows: RunRows) => ({ method, entity: await rows.moRef(runId) });

const cloneCall = async ({ runId }: Victim) => ({ method: 'CloneVM_Task', contains: runId });

/** A step that changes the machine by one task of vCenter. The short form kills at one of its moments. */
function taskPoints(step: string, method: string, short: TaskMoment): readonly KillPoint[] {
  const points: readonly KillPoint[] = [
    { step, moment: unasked, stop: call('hold-before', aboutMachine()) },
    {
      step,
      moment: onTheWay,
      stop: call('hold-before', ofMachine(method)),
      goesOn: 'taken-over',
    },
    { step, moment: unanswered, stop: call('hold-after', ofMachine(method)) },
    { step, moment: unrecorded, stop: writing(`${step} success`) },
  ];
  return points.map((point) => (point.moment === short ? { ...point, isShort: true } : point));
}

/** Looks whether a play is noted: Ansible is about to be started. */
const noted =
  (step: string): StopOf =>
  async ({ runId }, { rows }) =>
    onlyLooking(async () => 'plays' in (await rows.notes(runId, step)));

/** Looks at what Ansible prints in a step. */
export const prints =
  (step: string, text: string): StopOf =>
  async ({ runId }, { system }) =>
    onlyLooking(async () => {
      const plays = join(system.folder, 'plays');
      const folders = existsSync(plays) ? await readdir(plays) : [];
      const outputs = folders
        .filter((name) => name.startsWith(`${runId}.${step}.`))
        .map((name) => join(plays, name, 'out.log'));
      return outputs.some((path) => existsSync(path) && readFileSync(path, 'utf8').includes(text));
    });

/** A step that runs a playbook. */
function playPoints(step: string, task: string): readonly KillPoint[] {
  return [
    { step, moment: begins },
    { step, moment: 'Ansible about to be started', stop: noted(step) },
    { step, moment: 'in the middle of a task', stop: prints(step, task), isShort: true },
    { step, moment: 'played, results not stored', stop: writing(`${step} results`) },
    { step, moment: 'results stored, end not noted', stop: writing(`${step} played`) },
    { step, moment: unrecorded, stop: writing(`${step} success`) },
  ];
}

/** The names of the playbooks' tasks in whose middle workers are killed. */
export const INTERRUPTED_TASKS = {
  base: 'Keep the host name across restarts',
  own: 'Take some time',
} as const;

const CLONE: readonly KillPoint[] = [
  { step: 'clone-template', moment: begins },
  {
    step: 'clone-template',
    moment: 'noted, its call never sent',
    template: OWN_TEMPLATE,
    stop: call('hold-before', async ({ runId }, rows) => ({
      contains: `>${await rows.template(runId)}<`,
    })),
  },
  {
    step: 'clone-template',
    moment: onTheWay,
    stop: call('hold-before', cloneCall),
    goesOn: 'taken-over',
  },
  {
    step: 'clone-template',
    moment: unanswered,
    stop: call('hold-after', cloneCall),
    isShort: true,
  },
  {
    step: 'clone-template',
    moment: 'its task running',
    stop: async (victim, { system, rows }) => {
      await prolongTask(system.lab, { ...(await cloneCall(victim)), ms: LONG_TASK_MS });
      return onlyLooking(async () => rows.isCloning(victim.runId));
    },
  },
  { step: 'clone-template', moment: unrecorded, stop: writing('clone-template success') },
];

/** Every point, in the order of the steps. */
export const KILL_POINTS: readonly KillPoint[] = [
  { step: 'preflight', moment: begins },
  {
    step: 'preflight',
    moment: 'vCenter being asked',
    stop: call('hold-before', async ({ runId }) => ({ method: 'FindByUuid', contains: runId })),
    isShort: true,
  },
  { step: 'preflight', moment: unrecorded, stop: writing('preflight success') },
  { step: 'reserve-address', moment: begins },
  {
    step: 'reserve-address',
    moment: 'within its transaction',
    stop: writing('reservation'),
  },
  {
    step: 'reserve-address',
    moment: unrecorded,
    stop: writing('reserve-address success'),
    isShort: true,
  },
  ...CLONE,
  ...taskPoints('configure-hardware', 'ReconfigVM_Task', unasked),
  ...taskPoints('customize-guest', 'CustomizeVM_Task', onTheWay),
  ...taskPoints('power-on', 'PowerOnVM_Task', unanswered),
  { step: 'wait-for-address', moment: begins },
  {
    step: 'wait-for-address',
    moment: 'vCenter being asked',
    stop: call('hold-before', aboutMachine(1)),
  },
  {
    step: 'wait-for-address',
    moment: unrecorded,
    stop: writing('wait-for-address success'),
    isShort: true,
  },
  { step: 'wait-for-login', moment: begins },
  {
    step: 'wait-for-login',
    moment: 'connected to the guest',
    stop: ({ hostname, address }, { system }) => stopAtGuest(system.lab, hostname, address),
    isShort: true,
  },
  { step: 'wait-for-login', moment: unrecorded, stop: writing('wait-for-login success') },
  ...playPoints('configure-guest', INTERRUPTED_TASKS.base),
  ...taskPoints('change-network', 'ReconfigVM_Task', unrecorded),
  { step: 'verify-machine', moment: begins },
  {
    step: 'verify-machine',
    moment: 'vCenter being asked',
    stop: call('hold-before', aboutMachine()),
    isShort: true,
  },
  { step: 'verify-machine', moment: unrecorded, stop: writing('verify-machine success') },
  { step: 'register-host', moment: begins },
  { step: 'register-host', moment: 'within its transaction', stop: writing('host') },
  {
    step: 'register-host',
    moment: unrecorded,
    stop: writing('register-host success'),
    isShort: true,
  },
  ...playPoints('run-playbooks', INTERRUPTED_TASKS.own),
  { step: 'notify', moment: begins },
  { step: 'notify', moment: unrecorded, stop: writing('notify success'), isShort: true },
  { step: 'notify', moment: 'recorded, the end of the run not', stop: writing('run success') },
];
