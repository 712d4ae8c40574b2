import { Component, computed, input } from '@angular/core';
import type { RunStatus } from '@diaken/contracts';
import { LookChip } from '../looks/look-chip';
import { RUN_LOOKS } from './run-words';

/** The status of a run. */
@Component({
  selector: 'dk-status-chip',
  imports: [LookChip],
  template: `<dk-look-chip [look]="look()" />`,
})
export class StatusChip {
  readonly status = input.required<RunStatus>();

  protected readonly look = computed(() => RUN_LOOKS[this.status()]);
}
