import { Component, computed, inject, input, signal } from '@angular/core';
import { type FieldTree, form, FormRoot, validateStandardSchema } from '@angular/forms/signals';
import { MatButton } from '@angular/material/button';
import { MatSnackBar } from '@angular/material/snack-bar';
import { Router } from '@angular/router';
import { MIN_PASSWORD_LENGTH, PasswordChange } from '@diaken/contracts';
import { firstValueFrom, type Observable } from 'rxjs';
import { ProblemBox } from '../problems/problem-box';
import { type ShownProblem, toShownProblem } from '../problems/shown-problem';
import { CurrentSession } from './current-session';
import { PasswordField } from './password-field';

/** Takes a new password: because the user wants one, or because the first one must not stay. */
@Component({
  selector: 'dk-change-password-page',
  imports: [FormRoot, MatButton, PasswordField, ProblemBox],
  host: { class: 'door' },
  templateUrl: './change-password-page.html',
})
export class ChangePasswordPage {
  private readonly session = inject(CurrentSession);
  private readonly router = inject(Router);
  private readonly snackBar = inject(MatSnackBar);

  /** The page to go back to, from the address. */
  readonly returnTo = input<string>();

  protected readonly minLength = MIN_PASSWORD_LENGTH;
  protected readonly username = computed(() => this.session.view()?.username ?? '');
  protected readonly isForced = computed(() => this.session.view()?.mustChangePassword ?? false);
  protected readonly problem = signal<ShownProblem | undefined>(undefined);
  protected readonly form = form(
    signal<PasswordChange>({ currentPassword: '', newPassword: '' }),
    (path) => validateStandardSchema(path, PasswordChange),
    { submission: { action: () => this.change() } },
  );

  protected mistakeIn(field: FieldTree<string>): string {
    return field().errors()[0]?.message ?? '';
  }

  protected async leave(): Promise<void> {
    await this.router.navigateByUrl(this.returnTo() ?? '/');
  }

  protected async signOut(): Promise<void> {
    if (await this.tried(this.session.signOut())) {
      await this.router.navigateByUrl('/sign-in');
    }
  }

  private async change(): Promise<void> {
    if (await this.tried(this.session.changePassword(this.form().value()))) {
      this.snackBar.open('Your password is changed.', undefined, { duration: 4_000 });
      await this.leave();
    }
  }

  private async tried(work: Observable<unknown>): Promise<boolean> {
    this.problem.set(undefined);
    try {
      await firstValueFrom(work);
      return true;
    } catch (error) {
      // Wrong passwords and lost connections are for the user to see.
      this.problem.set(toShownProblem(error));
      return false;
    }
  }
}
