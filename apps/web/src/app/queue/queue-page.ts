import { Component, computed, inject } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Subject } from 'rxjs';
import { ConnectionBanner } from '../polling/connection-banner';
import { PageVisibility } from '../polling/page-visibility';
import { LIVE_POLL_MS, poll } from '../polling/poll';
import { ProblemBox } from '../problems/problem-box';
import { toShownProblem } from '../problems/shown-problem';
import { LimitsTable } from './limits-table';
import { MaintenanceSwitch } from './maintenance-switch';
import { QueueApi } from './queue-api';
import { WaitingFigures } from './waiting-figures';
import { WorkersTable } from './workers-table';

/** What waits, who works, and what is limited. */
@Component({
  selector: 'dk-queue-page',
  imports: [
    ConnectionBanner,
    LimitsTable,
    MaintenanceSwitch,
    MatProgressBar,
    ProblemBox,
    WaitingFigures,
    WorkersTable,
  ],
  template: `
    <header class="page-head">
      <h1>Queue</h1>
      @if (queue(); as queue) {
        <dk-maintenance-switch [maintenance]="queue.maintenance" (acted)="again.next()" />
      }
    </header>
    @if (polled()?.lost; as problem) {
      <dk-connection-banner [problem]="problem" />
    }
    @if (problem(); as problem) {
      <dk-problem-box [problem]="problem" />
    }
    @if (queue(); as queue) {
      <dk-waiting-figures [queue]="queue" />
      <dk-workers-table [workers]="queue.workers" (acted)="again.next()" />
      <dk-limits-table [limits]="queue.limits" (acted)="again.next()" />
    } @else if (!problem()) {
      <mat-progress-bar mode="indeterminate" aria-label="Reading the queue" />
    }
  `,
})
export class QueuePage {
  private readonly api = inject(QueueApi);
  private readonly visibility = inject(PageVisibility);

  /** Something was changed here. */
  protected readonly again = new Subject<void>();
  private readonly resource = rxResource({
    stream: () =>
      poll(
        {
          ask: () => this.api.read(),
          pauseMs: () => LIVE_POLL_MS,
          isLast: () => false,
          hiddenMs: Infinity,
        },
        { visible: this.visibility.changes, again: this.again },
      ),
  });

  protected readonly polled = computed(() =>
    this.resource.hasValue() ? this.resource.value() : undefined,
  );
  protected readonly queue = computed(() => this.polled()?.answer);
  protected readonly problem = computed(() => {
    const error = this.resource.error();
    return error && toShownProblem(error);
  });
}
