import { Component, inject, input, signal } from '@angular/core';
import { form, FormField, FormRoot, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { MatError, MatFormField, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { Router } from '@angular/router';
import { SignIn } from '@diaken/contracts';
import { firstValueFrom } from 'rxjs';
import { ProblemBox } from '../problems/problem-box';
import { type ShownProblem, toShownProblem } from '../problems/shown-problem';
import { CurrentSession } from './current-session';
import { PasswordField } from './password-field';

/** Asks who you are, and goes on to the page that was asked for. */
@Component({
  selector: 'dk-sign-in-page',
  imports: [
    FormField,
    FormRoot,
    MatButton,
    MatError,
    MatFormField,
    MatInput,
    MatLabel,
    PasswordField,
    ProblemBox,
  ],
  host: { class: 'door' },
  template: `
    <main class="panel">
      <p class="brand"><img src="favicon.svg" alt="" width="32" height="32" /> Diaken</p>
      <h1>Sign in</h1>
      <form [formRoot]="form">
        @if (problem(); as problem) {
          <dk-problem-box [problem]="problem" />
        }
        <mat-form-field appearance="outline" subscriptSizing="dynamic">
          <mat-label>User name</mat-label>
          <input
            matInput
            id="username"
            [formField]="form.username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
          />
          <mat-error>Enter your user name</mat-error>
        </mat-form-field>
        <dk-password-field
          label="Password"
          name="password"
          autocomplete="current-password"
          mistake="Enter your password"
          [field]="form.password"
        />
        <button matButton="filled" type="submit" [disabled]="form().submitting()">
          {{ form().submitting() ? 'Signing in…' : 'Sign in' }}
        </button>
      </form>
    </main>
  `,
})
export class SignInPage {
  private readonly session = inject(CurrentSession);
  private readonly router = inject(Router);

  /** The page that was asked for, from the address. */
  readonly returnTo = input<string>();

  protected readonly problem = signal<ShownProblem | undefined>(undefined);
  protected readonly form = form(
    signal<SignIn>({ username: '', password: '' }),
    (path) => validateStandardSchema(path, SignIn),
    { submission: { action: () => this.signIn() } },
  );

  private async signIn(): Promise<void> {
    this.problem.set(undefined);
    try {
      await firstValueFrom(this.session.signIn(this.form().value()));
      // The guards put the change of a first password in between.
      await this.router.navigateByUrl(this.returnTo() ?? '/');
    } catch (error) {
      // Wrong passwords and lost connections are for the user to see.
      this.problem.set(toShownProblem(error));
    }
  }
}
