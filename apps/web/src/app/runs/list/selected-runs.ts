import { Component, computed, inject, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatSnackBar } from '@angular/material/snack-bar';
import { type CancelManyAnswer, type RunSummary, allowedActions } from '@diaken/contracts';
import { ProblemBox } from '../../problems/problem-box';
import { UserAction } from '../../problems/user-action';
import { RunDialogs } from '../actions/run-dialogs';

/** What can be done with the runs that are selected. */
@Component({
  selector: 'dk-selected-runs',
  imports: [MatButton, ProblemBox],
  host: { role: 'region', 'aria-label': 'Selected runs' },
  template: `
    @if (opening.problem(); as problem) {
      <dk-problem-box [problem]="problem" />
    }
    <span role="status">{{ summary() }}</span>
    <button
      matButton="filled"
      type="button"
      [disabled]="cancellable().length === 0"
      (click)="cancel()"
    >
      {{ label() }}
    </button>
    <button matButton type="button" (click)="cleared.emit()">Clear</button>
  `,
  styleUrl: './selected-runs.scss',
})
export class SelectedRuns {
  private readonly dialogs = inject(RunDialogs);
  private readonly snackBar = inject(MatSnackBar);

  readonly runs = input.required<readonly RunSummary[]>();
  readonly cleared = output();
  /** Something was done to them. */
  readonly acted = output();

  protected readonly cancellable = computed(() =>
    this.runs().filter((run) => allowedActions(run).includes('cancel')),
  );
  protected readonly summary = computed(() => {
    const can = this.cancellable().length;
    const cannot = this.runs().length - can;
    const rest = can === 0 ? ', none can be cancelled' : `, ${cannot} cannot be cancelled`;
    return `${this.runs().length} selected${cannot > 0 ? rest : ''}`;
  });
  protected readonly label = computed(() => {
    const count = this.cancellable().length;
    return count === 0 ? 'Cancel' : `Cancel ${count} ${count === 1 ? 'run' : 'runs'}`;
  });
  protected readonly opening = new UserAction();

  protected async cancel(): Promise<void> {
    const done = (await this.opening.take(this.dialogs.cancelMany(this.cancellable())))?.answer;
    if (done) {
      this.snackBar.open(toWords(done.answer), undefined, { duration: 6_000 });
      this.cleared.emit();
    }
    this.acted.emit();
  }
}

function toWords({ cancelled, cancelling }: CancelManyAnswer): string {
  const parts = [
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(cancelling > 0 ? [`${cancelling} being ended by a worker`] : []),
  ];
  return parts.length > 0 ? `Runs: ${parts.join(', ')}.` : 'All of them had ended already.';
}
