import { Component, effect, inject, input } from '@angular/core';
import type { FieldState } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { MatDialogModule, MatDialogRef } from '@angular/material/dialog';
import type { Observable } from 'rxjs';
import { ProblemBox } from '../problems/problem-box';
import { UserAction } from '../problems/user-action';

/**
 * The frame of a dialog that does something: it stays open with all that was typed until the API
 * has said yes, and closes with `{ answer }`.
 */
@Component({
  selector: 'dk-action-dialog',
  imports: [MatButton, MatDialogModule, ProblemBox],
  template: `
    <h2 mat-dialog-title>{{ heading() }}</h2>
    <form novalidate (submit)="confirm($event)">
      <mat-dialog-content>
        <ng-content />
      </mat-dialog-content>
      @if (action.problem(); as problem) {
        <dk-problem-box [problem]="problem" />
      }
      <mat-dialog-actions align="end">
        <button matButton type="button" mat-dialog-close [disabled]="action.isBusy()">Back</button>
        <button
          matButton="filled"
          type="submit"
          class="confirm"
          [class.destructive]="isDestructive()"
          [disabled]="action.isBusy()"
          disabledInteractive
        >
          {{ action.isBusy() ? 'One moment…' : confirmation() }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styleUrl: './action-dialog.scss',
})
export class ActionDialog {
  private readonly dialog = inject<MatDialogRef<unknown>>(MatDialogRef);

  readonly heading = input.required<string>();
  /** What the button says that does it. */
  readonly confirmation = input.required<string>();
  readonly isDestructive = input(false);
  /** What has been filled in, where there is something to fill in. */
  readonly filled = input<Pick<FieldState<unknown>, 'errorSummary' | 'markAsTouched' | 'valid'>>();
  /** Does it; called anew for each attempt. */
  readonly work = input.required<() => Observable<unknown>>();

  protected readonly action = new UserAction();

  constructor() {
    // Whoever closes it meanwhile would not hear how it ended.
    effect(() => {
      this.dialog.disableClose = this.action.isBusy();
    });
  }

  protected async confirm(event: Event): Promise<void> {
    event.preventDefault();
    const filled = this.filled();
    if (filled?.valid() === false) {
      filled.markAsTouched();
      filled.errorSummary()[0]?.fieldTree().focusBoundControl();
      return;
    }
    const done = await this.action.take(this.work()());
    if (done) {
      this.dialog.close(done);
    }
  }
}
