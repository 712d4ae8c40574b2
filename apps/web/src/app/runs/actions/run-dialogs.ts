import { inject, Injectable } from '@angular/core';
import type {
  CancelManyAnswer,
  RunAccepted,
  RunAction,
  RunSummary,
  RunView,
} from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { type Closed, Dialogs } from '../../dialogs/dialogs';
import { Clock } from '../../time/clock';
import type { Cancellation } from './cancel-dialog';
import { confirmationOf, type ConfirmedAction } from './confirmations';
import { RunActionsApi } from './run-actions-api';

/** The dialog of each action. */
@Injectable({ providedIn: 'root' })
export class RunDialogs {
  private readonly dialogs = inject(Dialogs);
  private readonly api = inject(RunActionsApi);
  private readonly clock = inject(Clock);

  open(action: RunAction, run: RunView): Observable<Closed<RunAccepted>> {
    switch (action) {
      case 'cancel':
        return this.cancel({ runs: [run], work: (machine) => this.api.cancel(run.id, machine) });
      case 'resume':
        return this.dialogs.open(async () => (await import('./resume-dialog')).ResumeDialog, {
          data: run,
          autoFocus: '.confirm',
        });
      default:
        return this.confirm(action, run);
    }
  }

  /** For several at once. */
  cancelMany(runs: readonly RunSummary[]): Observable<Closed<CancelManyAnswer>> {
    const ids = runs.map(({ id }) => id);
    return this.cancel({ runs, work: (machine) => this.api.cancelMany(ids, machine) });
  }

  private cancel<Answer>(data: Cancellation): Observable<Closed<Answer>> {
    const load = async () => (await import('./cancel-dialog')).CancelDialog;
    // Not on the button that does it, nor on a choice that Enter would take.
    return this.dialogs.open(load, { data, autoFocus: 'dialog' });
  }

  private confirm(action: ConfirmedAction, run: RunView): Observable<Closed<RunAccepted>> {
    const load = async () => (await import('../../dialogs/confirm-dialog')).ConfirmDialog;
    const words = confirmationOf(action, run, this.clock.now());
    return this.dialogs.open(load, { data: { ...words, work: this.workOf(action, run) } });
  }

  private workOf(action: ConfirmedAction, { id }: RunView): () => Observable<RunAccepted> {
    switch (action) {
      case 'roll-back':
        return () => this.api.rollBack(id);
      case 'keep':
        return () => this.api.keep(id);
      case 'relaunch': {
        // One key for all attempts: an answer that was lost does not start a second run.
        const key = newKey();
        return () => this.api.relaunch(id, key);
      }
    }
  }
}

/** Not `randomUUID`: browsers offer that on HTTPS only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join('-');
}
