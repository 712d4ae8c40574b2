import { Component, computed, inject, input } from '@angular/core';
import { Clock } from './clock';
import { toLocalWords, toRelativeWords } from './time-words';

/** A moment in the user's own time, and how far from now it is. */
@Component({
  selector: 'dk-moment',
  template: `
    <time [attr.datetime]="at()" [title]="inFull()">
      {{ local() }} <span class="muted">{{ relative() }}</span>
    </time>
  `,
  styles: `
    time {
      white-space: nowrap;
    }
  `,
})
export class Moment {
  private readonly clock = inject(Clock);

  /** ISO date. */
  readonly at = input.required<string>();

  private readonly date = computed(() => new Date(this.at()));
  protected readonly local = computed(() => toLocalWords(this.date(), this.clock.now()));
  protected readonly relative = computed(() => toRelativeWords(this.date(), this.clock.now()));
  protected readonly inFull = computed(() =>
    this.date().toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'long' }),
  );
}
