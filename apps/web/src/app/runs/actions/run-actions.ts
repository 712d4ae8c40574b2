import { Component, computed, ElementRef, inject, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { Router } from '@angular/router';
import type { RunAction, RunView } from '@diaken/contracts';
import { ProblemBox } from '../../problems/problem-box';
import { UserAction } from '../../problems/user-action';
import { CurrentSession } from '../../session/current-session';
import { ACTION_LOOKS } from './action-looks';
import { RunDialogs } from './run-dialogs';

/** Buttons for what the run allows and the user may do. */
@Component({
  selector: 'dk-run-actions',
  imports: [MatButton, MatIcon, ProblemBox],
  host: { role: 'group', 'aria-label': 'Actions', tabindex: '-1' },
  template: `
    @for (offer of offers(); track offer.action) {
      <button
        type="button"
        [matButton]="offer.action === 'resume' ? 'filled' : 'outlined'"
        (click)="start(offer.action)"
      >
        <mat-icon svgIcon="{{ offer.icon }}" aria-hidden="true" />{{ offer.word }}
      </button>
    }
    @if (opening.problem(); as problem) {
      <dk-problem-box [problem]="problem" />
    }
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      outline: none;
    }

    dk-problem-box {
      flex-basis: 100%;
    }
  `,
})
export class RunActions {
  private readonly dialogs = inject(RunDialogs);
  private readonly session = inject(CurrentSession);
  private readonly router = inject(Router);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  readonly run = input.required<RunView>();
  /** Something was done, or refused because the run is not any more what is shown. */
  readonly acted = output();

  protected readonly offers = computed(() =>
    this.run()
      .actions.map((action) => ({ action, ...ACTION_LOOKS[action] }))
      .filter(({ needs }) => this.session.may(needs)),
  );
  protected readonly opening = new UserAction();

  protected async start(action: RunAction): Promise<void> {
    const done = (await this.opening.take(this.dialogs.open(action, this.run())))?.answer;
    this.acted.emit();
    if (done && action === 'relaunch') {
      await this.router.navigate(['/runs', done.answer.id]);
    } else if (done) {
      // The button that was pressed is about to go.
      this.host.nativeElement.focus();
    }
  }
}
