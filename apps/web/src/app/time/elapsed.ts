import { Component, computed, inject, input } from '@angular/core';
import { Clock } from './clock';
import { elapsedMs, toDurationWords } from './time-words';

/** How long something took, or has taken so far. Nothing while it has not started. */
@Component({
  selector: 'dk-elapsed',
  host: { class: 'number' },
  template: `{{ words() }}`,
})
export class Elapsed {
  private readonly clock = inject(Clock);

  readonly startedAt = input.required<string | null>();
  readonly endedAt = input.required<string | null>();

  protected readonly words = computed(() => {
    // An ended thing does not depend on the clock, so it is not worked out again every second.
    const now = this.endedAt() === null ? this.clock.now() : new Date(0);
    const ms = elapsedMs(this.startedAt(), this.endedAt(), now);
    return ms === undefined ? '' : toDurationWords(ms);
  });
}
