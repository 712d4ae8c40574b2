import { Component, computed, inject, signal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { form, FormField, validate } from '@angular/forms/signals';
import { MAT_DIALOG_DATA } from '@angular/material/dialog';
import { MatError, MatFormField, MatHint, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { MatOption, MatSelect } from '@angular/material/select';
import type { RunView } from '@diaken/contracts';
import { CredentialsApi } from '../../credentials/credentials-api';
import { ActionDialog } from '../../dialogs/action-dialog';
import { PlaybooksApi } from '../../playbooks/playbooks-api';
import { retryWhileLost } from '../../polling/poll';
import { ProblemBox } from '../../problems/problem-box';
import { toShownProblem } from '../../problems/shown-problem';
import { PlaybookOrder } from './playbook-order';
import { draftOf, editsOf, mistakeInExtraVars, type ResumeDraft } from './resume-draft';
import { RunActionsApi } from './run-actions-api';

/** Resumes a failed run: as it is, or with those inputs changed that no step has used up. */
@Component({
  selector: 'dk-resume-dialog',
  imports: [
    ActionDialog,
    FormField,
    MatError,
    MatFormField,
    MatHint,
    MatInput,
    MatLabel,
    MatOption,
    MatSelect,
    PlaybookOrder,
    ProblemBox,
  ],
  templateUrl: './resume-dialog.html',
  styleUrl: './resume-dialog.scss',
})
export class ResumeDialog {
  private readonly api = inject(RunActionsApi);
  private readonly credentialsApi = inject(CredentialsApi);
  private readonly playbooksApi = inject(PlaybooksApi);
  protected readonly run = inject<RunView>(MAT_DIALOG_DATA);

  protected readonly draft = signal<ResumeDraft>(draftOf(this.run));
  protected readonly form = form(this.draft, (path) => {
    validate(path.extraVars, ({ value }) => {
      const message = this.mayEdit('extraVars') ? mistakeInExtraVars(value()) : undefined;
      return message === undefined ? undefined : { kind: 'extra-vars', message };
    });
  });
  /** High enough for what is there, within bounds. */
  protected readonly rows = Math.min(14, Math.max(4, this.draft().extraVars.split('\n').length));
  protected readonly failedAt = this.run.steps.find(({ name }) => name === this.run.failure?.step)
    ?.title;

  protected readonly credentials = rxResource({
    params: () => (this.mayEdit('credentialId') ? true : undefined),
    stream: () => this.credentialsApi.all().pipe(retryWhileLost()),
  });
  protected readonly playbooks = rxResource({
    params: () => (this.mayEdit('playbookIds') ? true : undefined),
    stream: () => this.playbooksApi.all().pipe(retryWhileLost()),
  });
  protected readonly library = computed(() =>
    this.playbooks.hasValue() ? this.playbooks.value() : undefined,
  );
  /** Why there is nothing to choose from; resuming as it is works all the same. */
  protected readonly problem = computed(() => {
    const error = this.credentials.error() ?? this.playbooks.error();
    return error && toShownProblem(error);
  });

  protected readonly isChanged = computed(
    () => !this.form().valid() || Object.keys(editsOf(this.form().value(), this.run)).length > 0,
  );
  protected readonly work = () =>
    this.api.resume(this.run.id, editsOf(this.form().value(), this.run));

  protected mayEdit(field: keyof ResumeDraft): boolean {
    return this.run.editable.includes(field);
  }
}
