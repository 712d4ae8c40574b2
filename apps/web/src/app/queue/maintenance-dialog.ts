import { Component, inject, signal } from '@angular/core';
import { form, FormField, maxLength } from '@angular/forms/signals';
import { MatFormField, MatHint, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { MaintenanceChange } from '@diaken/contracts';
import { ActionDialog } from '../dialogs/action-dialog';
import { QueueApi } from './queue-api';

const { maxLength: LONGEST } = MaintenanceChange.shape.reason.unwrap();

/** Asks why, and starts maintenance. */
@Component({
  selector: 'dk-maintenance-dialog',
  imports: [ActionDialog, FormField, MatFormField, MatHint, MatInput, MatLabel],
  template: `
    <dk-action-dialog heading="Start maintenance?" confirmation="Start maintenance" [work]="work">
      <p>
        No new work is started until you end it. What has begun goes on, and new requests are taken
        and wait.
      </p>
      <mat-form-field appearance="outline" subscriptSizing="dynamic">
        <mat-label>Reason</mat-label>
        <input matInput autocomplete="off" [formField]="form.reason" />
        <mat-hint>Shown to everybody whose run waits.</mat-hint>
      </mat-form-field>
    </dk-action-dialog>
  `,
  styles: `
    mat-form-field {
      width: 100%;
    }
  `,
})
export class MaintenanceDialog {
  private readonly api = inject(QueueApi);

  protected readonly form = form(signal({ reason: '' }), (path) => {
    maxLength(path.reason, LONGEST ?? Infinity);
  });
  protected readonly work = () => {
    const reason = this.form.reason().value().trim();
    return this.api.maintain({ on: true, ...(reason && { reason }) });
  };
}
