import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { ShownProblem } from '../problems/shown-problem';

/** Says calmly that what is shown may be old, and that we keep trying. */
@Component({
  selector: 'dk-connection-banner',
  imports: [MatIcon],
  host: { role: 'status', class: 'notice notice-warn' },
  template: `
    <mat-icon svgIcon="offline" aria-hidden="true" />
    <p>
      <strong>{{ headline() }}</strong> Trying again; nothing is lost.
    </p>
  `,
})
export class ConnectionBanner {
  readonly problem = input.required<ShownProblem>();

  protected readonly headline = computed(() =>
    this.problem().status === 0 ? 'Connection lost.' : this.problem().detail,
  );
}
