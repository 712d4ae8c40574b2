import { Component, computed, input } from '@angular/core';
import type { QueueView } from '@diaken/contracts';
import { toDurationWords } from '../time/time-words';

/** How much waits, for how long, and how much goes on. */
@Component({
  selector: 'dk-waiting-figures',
  template: `
    <dl>
      <div>
        <dt>Waiting</dt>
        <dd class="number">{{ queue().waiting.total }}</dd>
      </div>
      <div>
        <dt>Longest wait</dt>
        <dd class="number">{{ oldest() }}</dd>
      </div>
      <div>
        <dt>At work</dt>
        <dd class="number">{{ queue().active }}</dd>
      </div>
    </dl>
    @if (queue().waiting.byPriority.length > 0) {
      <p class="muted">
        Waiting by priority:
        @for (row of queue().waiting.byPriority; track row.priority; let isLast = $last) {
          <span class="number"
            >{{ row.runs }} with priority {{ row.priority }}{{ isLast ? '.' : ', ' }}</span
          >
        }
      </p>
    }
  `,
  styleUrl: './waiting-figures.scss',
})
export class WaitingFigures {
  readonly queue = input.required<Pick<QueueView, 'waiting' | 'active'>>();

  protected readonly oldest = computed(() => {
    const { oldestSeconds } = this.queue().waiting;
    return oldestSeconds === null ? '–' : toDurationWords(oldestSeconds * 1_000);
  });
}
