/** Every status a run can have, and the ones it may go to next. */
export const RUN_TRANSITIONS = {
  pending: ['running', 'cancelled'],
  running: ['success', 'failed', 'rolling_back', 'cancelling', 'pending'],
  failed: ['pending', 'rolling_back'],
  cancelling: ['cancelled', 'failed'],
  rolling_back: ['rolled_back', 'failed'],
  success: [],
  rolled_back: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type RunStatus = keyof typeof RUN_TRANSITIONS;

export const RUN_STATUSES = Object.keys(RUN_TRANSITIONS) as [RunStatus, ...RunStatus[]];

/** What an operator may do to a run. */
export type RunAction = 'cancel' | 'resume' | 'roll-back';

/** Where each action leads: an action is allowed where the table allows that way. */
const ACTION_LEADS_TO: Record<RunAction, (from: RunStatus) => RunStatus> = {
  cancel: (from) => (from === 'pending' ? 'cancelled' : 'cancelling'),
  resume: () => 'pending',
  'roll-back': () => 'rolling_back',
};
const OPERATOR_ACTIONS: Record<RunStatus, readonly RunAction[]> = {
  pending: ['cancel'],
  running: ['cancel'],
  failed: ['resume', 'roll-back'],
  cancelling: [],
  rolling_back: [],
  success: [],
  rolled_back: [],
  cancelled: [],
};

/** Statuses in which an operator may do this. */
export function statusesFor(action: RunAction): readonly RunStatus[] {
  return RUN_STATUSES.filter((status) => allowedActions(status).includes(action));
}

/** Whether the table allows a run to go from one status to the other. */
export function mayBecome(from: RunStatus, to: RunStatus): boolean {
  return (RUN_TRANSITIONS[from] as readonly RunStatus[]).includes(to);
}

/** Statuses that a run may come from when it becomes `to`. */
export function cameFrom(to: RunStatus): readonly RunStatus[] {
  return RUN_STATUSES.filter((from) => mayBecome(from, to));
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
export function allowedActions(status: RunStatus): readonly RunAction[] {
  return OPERATOR_ACTIONS[status].filter((action) =>
    mayBecome(status, ACTION_LEADS_TO[action](status)),
  );
}
