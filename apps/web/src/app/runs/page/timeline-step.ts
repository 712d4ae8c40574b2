import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import type { StepView } from '@diaken/contracts';
import { Elapsed } from '../../time/elapsed';
import { STEP_LOOKS } from '../run-words';

/** One step: its state, how long it took, and what it says. */
@Component({
  selector: 'dk-timeline-step',
  imports: [Elapsed, MatIcon, MatProgressBar],
  host: { '[class]': "'tone-' + look().tone", '[attr.data-status]': 'step().status' },
  template: `
    <mat-icon svgIcon="{{ look().icon }}" aria-hidden="true" />
    <div class="body">
      <div class="line">
        <span class="title">{{ step().title }}</span>
        @if (isUndone()) {
          <span class="muted">{{ look().word }}</span>
        } @else {
          <span class="visually-hidden">{{ look().word }}</span>
          <dk-elapsed class="muted" [startedAt]="step().startedAt" [endedAt]="endedAt()" />
        }
      </div>
      @if (step().attempts > 1) {
        <span class="muted">Attempt {{ step().attempts }}</span>
      }
      @if (step().message; as message) {
        <p class="message">{{ message }}</p>
      }
      @if (isLive()) {
        <mat-progress-bar
          [mode]="isUndone() || step().progress === 0 ? 'indeterminate' : 'determinate'"
          [value]="step().progress * 100"
          [attr.aria-label]="'Progress of ' + step().title"
        />
      }
    </div>
  `,
  styleUrl: './timeline-step.scss',
})
export class TimelineStep {
  readonly step = input.required<StepView>();

  protected readonly look = computed(() => STEP_LOOKS[this.step().status]);
  protected readonly isLive = computed(() => ['running', 'undoing'].includes(this.step().status));
  /** Of what was done, nothing is left; how long it had taken does not matter any more. */
  protected readonly isUndone = computed(() => ['undoing', 'undone'].includes(this.step().status));
  /** A step that is not at work has no running clock, even where its end is not known. */
  protected readonly endedAt = computed(() => {
    const { endedAt, startedAt } = this.step();
    return endedAt ?? (this.isLive() ? null : startedAt);
  });
}
