import { MAX_LOG_LINES } from '@diaken/contracts';
import { EMPTY, expand, map, merge, mergeScan, type Observable } from 'rxjs';
import { retryWhileLost } from '../../polling/poll';
import type { RunsApi } from '../runs-api';
import { extended, firstLineOf, lastLineOf, type LogWindow, NO_LINES } from './log-window';

/** How many lines are read to begin with, and with every step back. */
export const LOG_CHUNK = 1_000;

/** What makes us read on. */
export interface LogSigns {
  /** Number of lines there are, again whenever it grows. */
  readonly lineCount: Observable<number>;
  /** The user wants to see what comes before. */
  readonly earlier: Observable<void>;
}

/** Reads the end of a log, then only what is new, and older lines when asked. */
export function readLog(
  api: RunsApi,
  runId: string,
  { lineCount, earlier }: LogSigns,
): Observable<LogWindow> {
  const read = (window: LogWindow, from: number, limit: number) =>
    api.log(runId, from, limit).pipe(
      retryWhileLost(),
      map((page) => extended(window, page)),
    );
  const forward = (window: LogWindow, total: number) => {
    const isFirst = window.lines.length === 0;
    const from = isFirst ? Math.max(1, total - LOG_CHUNK + 1) : lastLineOf(window) + 1;
    return from <= total ? read(window, from, MAX_LOG_LINES) : EMPTY;
  };
  const readOn = (total: number) => (window: LogWindow) =>
    forward(window, total).pipe(
      // An answer without lines ends it: the log may be shorter than was said.
      expand((grown, turn) => (turn > 100 ? EMPTY : forward(grown, total))),
    );
  const readBack = (window: LogWindow) => {
    const from = Math.max(1, firstLineOf(window) - LOG_CHUNK);
    return from < firstLineOf(window) ? read(window, from, firstLineOf(window) - from) : EMPTY;
  };
  return merge(lineCount.pipe(map(readOn)), earlier.pipe(map(() => readBack))).pipe(
    mergeScan((window, readMore) => readMore(window), NO_LINES, 1),
  );
}
