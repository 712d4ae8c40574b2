import { Component, computed, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { RunStatus } from '@diaken/contracts';
import { RUN_LOOKS } from './run-words';

/** The status of a run, as an icon and a word. */
@Component({
  selector: 'dk-status-chip',
  imports: [MatIcon],
  host: { '[class]': "'tone-' + look().tone" },
  template: `<mat-icon svgIcon="{{ look().icon }}" aria-hidden="true" />{{ look().word }}`,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      padding: 3px 10px 3px 6px;
      border-radius: 999px;
      background: var(--tone-background);
      color: var(--tone-text);
      font-size: 0.8125rem;
      font-weight: 600;
      line-height: 20px;
      white-space: nowrap;
    }

    mat-icon {
      width: 18px;
      height: 18px;
    }
  `,
})
export class StatusChip {
  readonly status = input.required<RunStatus>();

  protected readonly look = computed(() => RUN_LOOKS[this.status()]);
}
