import { Component, input } from '@angular/core';
import { MatIcon } from '@angular/material/icon';
import type { Look } from './look';

/** A state, as an icon and a word. */
@Component({
  selector: 'dk-look-chip',
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
export class LookChip {
  readonly look = input.required<Look>();
}
