import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { RunFailure, StepView } from '@diaken/contracts';

/** Why a run failed: the step, the cause, and what to do about it. */
@Component({
  selector: 'dk-run-failure-box',
  imports: [MatIcon],
  host: { role: 'region', 'aria-label': 'Why it failed', class: 'notice notice-bad' },
  template: `
    <mat-icon svgIcon="failed" aria-hidden="true" />
    <div>
      <p class="notice-title">
        Failed at “{{ step() }}”{{ isTriedAgain() ? '; it will be tried again' : '' }}
      </p>
      <p class="cause">{{ failure().message }}</p>
      <p><strong>What to do:</strong> {{ failure().remedy }}</p>
    </div>
  `,
  styles: `
    .cause {
      white-space: pre-line;
    }
  `,
})
export class RunFailureBox {
  readonly failure = input.required<RunFailure>();
  /** To tell the step by its title. */
  readonly steps = input.required<readonly StepView[]>();

  /** The run goes on by itself after a while. */
  readonly isTriedAgain = input(false);

  protected readonly step = computed(() => {
    const { step } = this.failure();
    return this.steps().find(({ name }) => name === step)?.title ?? step;
  });
}
