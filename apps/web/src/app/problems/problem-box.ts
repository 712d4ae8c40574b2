import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { ShownProblem } from './shown-problem';

/** A problem on the page: its cause, what to do about it, and the fields it names. */
@Component({
  selector: 'dk-problem-box',
  imports: [MatIcon],
  host: { role: 'alert', class: 'notice notice-bad' },
  template: `
    <mat-icon svgIcon="failed" aria-hidden="true" />
    <div>
      <p class="notice-title">{{ problem().detail }}</p>
      @if (problem().remedy; as remedy) {
        <p>{{ remedy }}</p>
      }
      @if (problem().errors.length > 0) {
        <ul>
          @for (field of problem().errors; track $index) {
            <li>
              @if (field.path) {
                <code>{{ field.path }}</code>
              }
              {{ field.message }}
            </li>
          }
        </ul>
      }
      @if (requestId(); as requestId) {
        <p class="muted">
          Request <code>{{ requestId }}</code>
        </p>
      }
    </div>
  `,
})
export class ProblemBox {
  readonly problem = input.required<ShownProblem>();

  /** For whom has to look it up in the server's log; no use for what the user can mend. */
  protected readonly requestId = computed(() =>
    this.problem().status >= 500 ? this.problem().requestId : undefined,
  );
}
