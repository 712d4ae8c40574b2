import type { Permission, RunAction } from '@diaken/contracts';
import type { IconName } from '../../icons/icons';

/** How an action is offered, and to whom. */
export interface ActionLook {
  readonly word: string;
  readonly icon: IconName;
  readonly needs: Permission;
}

export const ACTION_LOOKS: Record<RunAction, ActionLook> = {
  cancel: { word: 'Cancel run', icon: 'cancelled', needs: 'runs:write' },
  resume: { word: 'Resume', icon: 'play', needs: 'runs:write' },
  'roll-back': { word: 'Roll back', icon: 'undone', needs: 'runs:write' },
  keep: { word: 'Keep', icon: 'keep', needs: 'runs:write' },
  relaunch: { word: 'Relaunch', icon: 'again', needs: 'deployments:write' },
};
