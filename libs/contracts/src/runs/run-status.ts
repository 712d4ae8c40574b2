/** Every status a run can have, and the ones it may go to next. */
export const RUN_TRANSITIONS = {
  pending: ['running', 'cancelling', 'cancelled'],
  running: ['success', 'failed', 'rolling_back', 'cancelling', 'pending'],
  failed: ['pending', 'rolling_back'],
  cancelling: ['cancelled', 'failed'],
  rolling_back: ['rolled_back', 'failed'],
  success: [],
  rolled_back: [],
  // What a cancelled run has kept can be rolled back later.
  cancelled: ['rolling_back'],
} as const satisfies Record<string, readonly string[]>;

export type RunStatus = keyof typeof RUN_TRANSITIONS;

export const RUN_STATUSES = Object.keys(RUN_TRANSITIONS) as [RunStatus, ...RunStatus[]];

/** What an operator may do to a run. */
export const RUN_ACTIONS = ['cancel', 'resume', 'roll-back', 'keep', 'relaunch'] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/** What decides, besides its status, what may be done to a run. */
export interface Actionable {
  readonly status: RunStatus;
  /** What whoever cancelled it wanted to become of the machine. */
  readonly cancel?: 'roll-back' | 'keep' | null;
  /** When a failed run is rolled back by itself. */
  readonly expiresAt?: Date | string | null;
}

/** Where each action leads: allowed where the table allows that way. `relaunch` makes another run. */
const ACTION_LEADS_TO: Record<RunAction, (from: RunStatus) => RunStatus | undefined> = {
  cancel: (from) => (from === 'pending' ? 'cancelled' : 'cancelling'),
  resume: () => 'pending',
  'roll-back': () => 'rolling_back',
  keep: () => undefined,
  relaunch: () => undefined,
};
const OPERATOR_ACTIONS: Record<RunStatus, readonly RunAction[]> = {
  pending: ['cancel'],
  running: ['cancel'],
  failed: ['resume', 'roll-back', 'keep'],
  cancelling: [],
  rolling_back: [],
  success: ['relaunch'],
  rolled_back: ['relaunch'],
  cancelled: ['roll-back', 'relaunch'],
};

/** Statuses in which an operator may do this. */
export function statusesFor(action: RunAction): readonly RunStatus[] {
  return RUN_STATUSES.filter((status) => OPERATOR_ACTIONS[status].includes(action));
}

/** Whether the table allows a run to go from one status to the other. */
export function mayBecome(from: RunStatus, to: RunStatus): boolean {
  return (RUN_TRANSITIONS[from] as readonly RunStatus[]).includes(to);
}

/** Whether nothing happens to the run any more unless somebody asks for it. */
export function isSettled(status: RunStatus): boolean {
  return !WORKABLE_STATUSES.includes(status);
}

/** Statuses in which a worker has something to do. */
export const WORKABLE_STATUSES: readonly RunStatus[] = [
  'pending',
  'running',
  'cancelling',
  'rolling_back',
];

/** What an operator may do now; the API's guards and the UI's buttons both ask here. */
export function allowedActions(run: Actionable): readonly RunAction[] {
  return OPERATOR_ACTIONS[run.status].filter((action) => {
    const to = ACTION_LEADS_TO[action](run.status);
    return (to === undefined || mayBecome(run.status, to)) && makesSense(action, run);
  });
}

/** Whether the action would do anything to this very run. */
function makesSense(action: RunAction, { status, cancel, expiresAt }: Actionable): boolean {
  if (action === 'roll-back' && status === 'cancelled') {
    return cancel === 'keep';
  }
  if (action === 'cancel') {
    return !cancel;
  }
  return action !== 'keep' || Boolean(expiresAt);
}
