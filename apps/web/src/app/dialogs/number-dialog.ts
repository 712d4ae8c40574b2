import { Component, inject, signal } from '@angular/core';
import { form, FormField, max, min, required, validate } from '@angular/forms/signals';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatError, MatFormField, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import type { Observable } from 'rxjs';
import { ActionDialog } from './action-dialog';

/** A whole number to be changed. */
export interface NumberChange {
  readonly heading: string;
  /** What the number means, and from when on it counts. */
  readonly explanation: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly work: (value: number) => Observable<unknown>;
}

/** Asks for a whole number and stores it. */
@Component({
  selector: 'dk-number-dialog',
  imports: [ActionDialog, FormField, MatError, MatFormField, MatInput, MatLabel],
  template: `
    <dk-action-dialog confirmation="Save" [heading]="data.heading" [filled]="form()" [work]="work">
      <p>{{ data.explanation }}</p>
      <mat-form-field appearance="outline" subscriptSizing="dynamic">
        <mat-label>{{ data.label }}</mat-label>
        <input matInput type="number" inputmode="numeric" step="1" [formField]="form.value" />
        <mat-error>Enter a whole number from {{ data.min }} to {{ data.max }}</mat-error>
      </mat-form-field>
    </dk-action-dialog>
  `,
})
export class NumberDialog {
  protected readonly data = inject<NumberChange>(MAT_DIALOG_DATA);

  protected readonly form = form(
    signal<{ value: number | null }>({ value: this.data.value }),
    (path) => {
      required(path.value);
      min(path.value, this.data.min);
      max(path.value, this.data.max);
      validate(path.value, ({ value }) =>
        Number.isInteger(value()) ? undefined : { kind: 'whole-number' },
      );
    },
  );
  protected readonly work = () => this.data.work(this.form.value().value() ?? this.data.value);
}
