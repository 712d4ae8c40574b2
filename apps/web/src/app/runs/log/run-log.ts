import { CdkVirtualScrollViewport, ScrollingModule } from '@angular/cdk/scrolling';
import { DecimalPipe } from '@angular/common';
import {
  afterRenderEffect,
  Component,
  computed,
  inject,
  input,
  linkedSignal,
  untracked,
  viewChild,
} from '@angular/core';
import { rxResource, toObservable } from '@angular/core/rxjs-interop';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import type { LogLine } from '@diaken/contracts';
import { Subject } from 'rxjs';
import { ProblemBox } from '../../problems/problem-box';
import { toShownProblem } from '../../problems/shown-problem';
import { RunsApi } from '../runs-api';
import { LogText } from './log-text';
import { firstLineOf, NO_LINES } from './log-window';
import { readLog } from './read-log';

/** Height of one line, in pixels; the style sheet says the same. */
const LINE_HEIGHT = 20;
/** How near to the end counts as the end, in pixels. */
const NEAR_END = 2 * LINE_HEIGHT;

/** The log of a run: its end first, following what is written while the run goes on. */
@Component({
  selector: 'dk-run-log',
  imports: [DecimalPipe, LogText, MatButton, MatIcon, ProblemBox, ScrollingModule],
  templateUrl: './run-log.html',
  styleUrl: './run-log.scss',
})
export class RunLog {
  private readonly api = inject(RunsApi);

  readonly runId = input.required<string>();
  /** Lines there are by now. */
  readonly lineCount = input.required<number>();
  readonly isLive = input.required<boolean>();

  private readonly viewport = viewChild(CdkVirtualScrollViewport);
  protected readonly earlier = new Subject<void>();
  private readonly lineCounts = toObservable(this.lineCount);
  private readonly log = rxResource({
    params: () => this.runId(),
    stream: ({ params }) =>
      readLog(this.api, params, { lineCount: this.lineCounts, earlier: this.earlier }),
  });

  protected readonly lineHeight = LINE_HEIGHT;
  private readonly window = computed(() => (this.log.hasValue() ? this.log.value() : NO_LINES));
  protected readonly lines = computed(() => this.window().lines as LogLine[]);
  protected readonly firstLine = computed(() => firstLineOf(this.window()));
  protected readonly problem = computed(() => {
    const error = this.log.error();
    return error && toShownProblem(error);
  });
  /** Stays at the end while new lines come; scrolling up lets go of it. */
  protected readonly isFollowing = linkedSignal({ source: this.runId, computation: () => true });
  private shownFrom = 1;

  constructor() {
    afterRenderEffect(() => {
      const viewport = this.viewport();
      const lines = this.lines();
      const isFollowing = this.isFollowing();
      if (viewport && lines.length > 0) {
        untracked(() => this.keepPlace(viewport, isFollowing));
      }
    });
  }

  protected onScroll(): void {
    const distance = this.viewport()?.measureScrollOffset('bottom') ?? 0;
    this.isFollowing.set(distance <= NEAR_END);
  }

  protected byNumber(_index: number, line: LogLine): number {
    return line.line;
  }

  /** Holds on to the end, or to the line that is being read while older ones come in above. */
  private keepPlace(viewport: CdkVirtualScrollViewport, isFollowing: boolean): void {
    const added = this.shownFrom - this.firstLine();
    this.shownFrom = this.firstLine();
    if (isFollowing) {
      viewport.scrollToOffset(this.lines().length * LINE_HEIGHT);
    } else if (added > 0) {
      viewport.scrollToOffset(viewport.measureScrollOffset('top') + added * LINE_HEIGHT);
    }
  }
}
