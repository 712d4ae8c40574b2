import { Component, computed, inject, signal } from '@angular/core';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatRadioButton, MatRadioGroup } from '@angular/material/radio';
import type { CancelRequest, RunSummary } from '@diaken/contracts';
import type { Observable } from 'rxjs';
import { ActionDialog } from '../../dialogs/action-dialog';
import { namesOf } from './names';

/** Which runs to cancel, and how. */
export interface Cancellation {
  readonly runs: readonly RunSummary[];
  readonly work: (machine: CancelRequest['machine']) => Observable<unknown>;
}

/** Asks what shall become of what the runs have made so far, and cancels them. */
@Component({
  selector: 'dk-cancel-dialog',
  imports: [ActionDialog, MatRadioButton, MatRadioGroup],
  templateUrl: './cancel-dialog.html',
  styleUrl: './cancel-dialog.scss',
})
export class CancelDialog {
  private readonly data = inject<Cancellation>(MAT_DIALOG_DATA);

  protected readonly machine = signal<CancelRequest['machine']>('roll-back');
  protected readonly runs = this.data.runs;
  protected readonly names = namesOf(this.runs);
  protected readonly isOne = this.runs.length === 1;
  protected readonly heading = this.isOne
    ? `Cancel ${this.names}?`
    : `Cancel ${this.runs.length} runs?`;

  private readonly begun = this.runs.filter(({ startedAt }) => startedAt !== null);
  /** Runs that end at once: they have made nothing. */
  protected readonly notBegun = this.runs.length - this.begun.length;
  protected readonly hasBegun = this.begun.length > 0;
  /** Whether there may be machines to decide about. */
  protected readonly makesMachines = this.begun.some(({ kind }) => kind === 'deploy-vm');

  protected readonly confirmation = computed(() =>
    this.makesMachines && this.machine() === 'roll-back' ? 'Cancel and roll back' : 'Cancel',
  );
  protected readonly work = () => this.data.work(this.machine());
}
