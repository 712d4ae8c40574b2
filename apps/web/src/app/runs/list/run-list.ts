import { Component, computed, inject, input, linkedSignal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Router } from '@angular/router';
import { RUN_STATUSES, type RunStatus } from '@diaken/contracts';
import { Subject } from 'rxjs';
import { ConnectionBanner } from '../../polling/connection-banner';
import { PageVisibility } from '../../polling/page-visibility';
import type { Polled } from '../../polling/poll';
import { ProblemBox } from '../../problems/problem-box';
import { toShownProblem } from '../../problems/shown-problem';
import { CurrentSession } from '../../session/current-session';
import { type RunFilter, RunsApi } from '../runs-api';
import { FirstMachine } from './first-machine';
import { RunFilters } from './run-filters';
import type { RunRows } from './run-rows';
import { RunTable } from './run-table';
import { SelectedRuns } from './selected-runs';
import { watchRuns } from './watch-runs';

/** Ids of no run. */
const NONE: ReadonlySet<string> = new Set();

type PolledRows = Polled<RunRows> | undefined;

/** All runs, newest first; the filter is kept in the address. */
@Component({
  selector: 'dk-run-list',
  imports: [
    ConnectionBanner,
    FirstMachine,
    MatButton,
    MatProgressBar,
    ProblemBox,
    RunFilters,
    RunTable,
    SelectedRuns,
  ],
  templateUrl: './run-list.html',
  styleUrl: './run-list.scss',
})
export class RunList {
  private readonly api = inject(RunsApi);
  private readonly router = inject(Router);
  private readonly visibility = inject(PageVisibility);
  private readonly session = inject(CurrentSession);

  /** From the address; anything that is no status is left aside. */
  readonly status = input(undefined, { transform: toStatus });
  readonly target = input('', { transform: (text: string | undefined) => text ?? '' });

  protected readonly more = new Subject<void>();
  /** Something was done to the runs shown. */
  protected readonly again = new Subject<void>();
  protected readonly filter = computed<RunFilter>(
    () => ({ status: this.status(), target: this.target() }),
    { equal: (a, b) => a.status === b.status && a.target === b.target },
  );
  private readonly runs = rxResource({
    params: () => this.filter(),
    stream: ({ params }) =>
      watchRuns(this.api, params, {
        more: this.more,
        again: this.again,
        visible: this.visibility.changes,
      }),
  });

  /** What was shown stays until the newly filtered rows are here. */
  protected readonly polled = linkedSignal<PolledRows, PolledRows>({
    source: () => (this.runs.hasValue() ? this.runs.value() : undefined),
    computation: (now, before) => now ?? before?.value,
  });
  protected readonly rows = computed(() => this.polled()?.answer);
  protected readonly isSelectable = computed(() => this.session.may('runs:write'));
  protected readonly noRuns = NONE;
  /** Another filter shows other runs. */
  protected readonly selected = linkedSignal({
    source: this.filter,
    computation: () => NONE,
  });
  protected readonly selectedRuns = computed(
    () => this.rows()?.items.filter(({ id }) => this.selected().has(id)) ?? [],
  );
  protected readonly isLoading = this.runs.isLoading;
  protected readonly isFiltered = computed(() => !!this.status() || this.target() !== '');
  protected readonly problem = computed(() => {
    const error = this.runs.error();
    return error && toShownProblem(error);
  });

  protected async filterBy({ status, target }: RunFilter): Promise<void> {
    const queryParams = { status: status ?? null, target: target || null };
    await this.router.navigate([], { queryParams, replaceUrl: true });
  }
}

function toStatus(text: string | undefined): RunStatus | undefined {
  return RUN_STATUSES.find((status) => status === text);
}
