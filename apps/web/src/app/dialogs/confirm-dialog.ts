import { Component, inject } from '@angular/core';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import type { Observable } from 'rxjs';
import { ActionDialog } from './action-dialog';

/** What a user is asked to confirm. */
export interface Confirmation<Answer> {
  readonly heading: string;
  /** What will happen, a paragraph each. */
  readonly consequences: readonly string[];
  /** What the button says that does it. */
  readonly confirmation: string;
  readonly isDestructive?: boolean;
  readonly work: () => Observable<Answer>;
}

/** Says what will happen, and does it when the user confirms. */
@Component({
  selector: 'dk-confirm-dialog',
  imports: [ActionDialog],
  template: `
    <dk-action-dialog
      [heading]="data.heading"
      [confirmation]="data.confirmation"
      [isDestructive]="data.isDestructive ?? false"
      [work]="data.work"
    >
      @for (consequence of data.consequences; track $index) {
        <p>{{ consequence }}</p>
      }
    </dk-action-dialog>
  `,
})
export class ConfirmDialog<Answer> {
  protected readonly data = inject<Confirmation<Answer>>(MAT_DIALOG_DATA);
}
