import { Component, input, signal } from '@angular/core';
import { type FieldTree, FormField } from '@angular/forms/signals';
import { MatIconButton } from '@angular/material/button';
import { MatError, MatFormField, MatLabel, MatSuffix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';

/** A password, which can be looked at while it is typed. */
@Component({
  selector: 'dk-password-field',
  imports: [
    FormField,
    MatError,
    MatFormField,
    MatIcon,
    MatIconButton,
    MatInput,
    MatLabel,
    MatSuffix,
  ],
  template: `
    <mat-form-field appearance="outline" subscriptSizing="dynamic">
      <mat-label>{{ label() }}</mat-label>
      <input
        matInput
        [type]="isShown() ? 'text' : 'password'"
        [formField]="field()"
        [id]="name()"
        [attr.autocomplete]="autocomplete()"
        autocapitalize="none"
        spellcheck="false"
      />
      <button
        matIconButton
        matSuffix
        type="button"
        [attr.aria-label]="isShown() ? 'Hide ' + label() : 'Show ' + label()"
        [attr.aria-pressed]="isShown()"
        (click)="isShown.set(!isShown())"
      >
        <mat-icon [svgIcon]="isShown() ? 'hidden' : 'visible'" />
      </button>
      <mat-error>{{ mistake() }}</mat-error>
    </mat-form-field>
  `,
})
export class PasswordField {
  readonly field = input.required<FieldTree<string>>();
  readonly label = input.required<string>();
  readonly name = input.required<string>();
  readonly autocomplete = input.required<'current-password' | 'new-password'>();
  /** What is wrong with it, shown once the field was left. */
  readonly mistake = input.required<string>();

  protected readonly isShown = signal(false);
}
