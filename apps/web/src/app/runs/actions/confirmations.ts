import type { RunAction, RunView } from '@diaken/contracts';
import type { Confirmation } from '../../dialogs/confirm-dialog';
import { toLocalWords, toRelativeWords } from '../../time/time-words';

/** What is said before an action that needs no more than a yes. */
export type ConfirmationWords = Omit<Confirmation<unknown>, 'work'>;

/** Actions that have no dialog of their own. */
export type ConfirmedAction = Exclude<RunAction, 'cancel' | 'resume'>;

type Writer = (run: RunView, now: Date) => ConfirmationWords;

const WRITERS: Record<ConfirmedAction, Writer> = {
  'roll-back': ({ kind, target }) => ({
    heading: `Roll back ${target}?`,
    consequences:
      kind === 'deploy-vm'
        ? [
            `All that this run has made is undone: the machine ${target} is powered off and deleted with its disks, and its name and address are free again.`,
            'This cannot be taken back. A machine that this run has not made is not touched.',
          ]
        : ['All that this run has done is undone. This cannot be taken back.'],
    confirmation: 'Roll back',
    isDestructive: true,
  }),
  keep: ({ target, expiresAt }, now) => ({
    heading: `Keep ${target}?`,
    consequences: [
      ...(expiresAt === null ? [] : [`It would be rolled back by itself ${at(expiresAt, now)}.`]),
      'Kept, it stays as it is until somebody resumes the run or rolls it back.',
    ],
    confirmation: 'Keep',
  }),
  relaunch: ({ target }) => ({
    heading: `Relaunch ${target}?`,
    consequences: [
      'A new run is started with the same inputs. They are checked anew: what they name may have changed meanwhile.',
      'This run stays as it is.',
    ],
    confirmation: 'Relaunch',
  }),
};

/** Says what an action will do to this very run. */
export function confirmationOf(
  action: ConfirmedAction,
  run: RunView,
  now: Date,
): ConfirmationWords {
  return WRITERS[action](run, now);
}

function at(iso: string, now: Date): string {
  const date = new Date(iso);
  return `${toRelativeWords(date, now)} (${toLocalWords(date, now)})`;
}
