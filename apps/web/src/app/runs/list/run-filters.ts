import { Component, computed, effect, input, linkedSignal, output } from '@angular/core';
import { MatFormField, MatLabel, MatPrefix } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatInput } from '@angular/material/input';
import { MatOption, MatSelect } from '@angular/material/select';
import { RUN_STATUSES, type RunStatus } from '@diaken/contracts';
import { RUN_LOOKS } from '../run-words';
import type { RunFilter } from '../runs-api';

/** How long typing has to rest before it counts. */
const TYPING_PAUSE_MS = 300;

/** Fields to choose which runs are listed. */
@Component({
  selector: 'dk-run-filters',
  imports: [MatFormField, MatIcon, MatInput, MatLabel, MatOption, MatPrefix, MatSelect],
  host: { role: 'search' },
  template: `
    <mat-form-field appearance="outline" subscriptSizing="dynamic">
      <mat-label>Target</mat-label>
      <mat-icon matPrefix svgIcon="search" aria-hidden="true" />
      <input
        matInput
        type="search"
        maxlength="253"
        autocomplete="off"
        spellcheck="false"
        [value]="typed()"
        (input)="typed.set($any($event.target).value)"
      />
    </mat-form-field>
    <mat-form-field appearance="outline" subscriptSizing="dynamic">
      <mat-label>Status</mat-label>
      <mat-select [value]="filter().status ?? ''" (valueChange)="choose($event)">
        <mat-option value="">All</mat-option>
        @for (status of statuses; track status) {
          <mat-option [value]="status">{{ looks[status].word }}</mat-option>
        }
      </mat-select>
    </mat-form-field>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 12px;
    }

    mat-form-field {
      flex: 1 1 150px;
      max-width: 240px;
    }

    @media (max-width: 599px) {
      mat-form-field {
        max-width: none;
      }
    }
  `,
})
export class RunFilters {
  readonly filter = input.required<RunFilter>();
  readonly filtered = output<RunFilter>();

  protected readonly statuses = RUN_STATUSES;
  protected readonly looks = RUN_LOOKS;

  private readonly target = computed(() => this.filter().target ?? '');
  protected readonly typed = linkedSignal(() => this.target());

  constructor() {
    effect((onCleanup) => {
      const target = this.typed().trim();
      const { status, target: asked } = this.filter();
      if (target !== asked) {
        const pause = setTimeout(() => this.filtered.emit({ status, target }), TYPING_PAUSE_MS);
        onCleanup(() => clearTimeout(pause));
      }
    });
  }

  protected choose(status: RunStatus | ''): void {
    this.filtered.emit({ status: status || undefined, target: this.typed().trim() });
  }
}
