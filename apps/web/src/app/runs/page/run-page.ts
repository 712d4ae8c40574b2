import { Component, computed, effect, inject, input } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { MatProgressBar } from '@angular/material/progress-bar';
import { Title } from '@angular/platform-browser';
import { isSettled } from '@diaken/contracts';
import { Subject } from 'rxjs';
import { NotFound } from '../../not-found/not-found';
import { ConnectionBanner } from '../../polling/connection-banner';
import { PageVisibility } from '../../polling/page-visibility';
import { ProblemBox } from '../../problems/problem-box';
import { toShownProblem } from '../../problems/shown-problem';
import { RunActions } from '../actions/run-actions';
import { RunLog } from '../log/run-log';
import { RUN_LOOKS } from '../run-words';
import { RunsApi } from '../runs-api';
import { HostResults } from './host-results';
import { RunFailureBox } from './run-failure-box';
import { RunHeader } from './run-header';
import { RunTimeline } from './run-timeline';
import { watchRun } from './watch-run';

/** One run: how it stands, its steps, what it did to hosts, and its log. */
@Component({
  selector: 'dk-run-page',
  imports: [
    ConnectionBanner,
    HostResults,
    MatProgressBar,
    NotFound,
    ProblemBox,
    RunActions,
    RunFailureBox,
    RunHeader,
    RunLog,
    RunTimeline,
  ],
  templateUrl: './run-page.html',
  styleUrl: './run-page.scss',
})
export class RunPage {
  private readonly api = inject(RunsApi);
  private readonly visibility = inject(PageVisibility);
  private readonly title = inject(Title);

  /** From the address. */
  readonly id = input.required<string>();

  /** Something was done to the run: it may go on. */
  protected readonly again = new Subject<void>();
  private readonly resource = rxResource({
    params: () => this.id(),
    stream: ({ params }) =>
      watchRun(this.api, params, { visible: this.visibility.changes, again: this.again }),
  });

  protected readonly watched = computed(() =>
    this.resource.hasValue() ? this.resource.value() : undefined,
  );
  protected readonly run = computed(() => this.watched()?.run);
  protected readonly latest = computed(() => this.watched()?.latest);
  protected readonly isLive = computed(() => {
    const latest = this.latest();
    return latest !== undefined && !isSettled(latest.status);
  });
  protected readonly problem = computed(() => {
    const error = this.resource.error();
    return error && toShownProblem(error);
  });
  /** The run does not exist, or its address is not even an id. */
  protected readonly isUnknown = computed(() => [400, 404].includes(this.problem()?.status ?? 0));
  /** Said aloud when it changes. */
  protected readonly statusWord = computed(() => {
    const latest = this.latest();
    return latest && RUN_LOOKS[latest.status].word;
  });

  constructor() {
    effect(() => {
      const run = this.run();
      if (run) {
        this.title.setTitle(`${run.target}: ${this.statusWord()} · Diaken`);
      }
    });
  }
}
