import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '@diaken/contracts';
import { defer, EMPTY, exhaustMap, map, merge, type Observable } from 'rxjs';
import {
  IDLE_POLL_MS,
  LIVE_POLL_MS,
  poll,
  type Polled,
  type PollSigns,
  retryWhileLost,
} from '../../polling/poll';
import type { RunFilter, RunsApi } from '../runs-api';
import { extended, hasLiveRun, NO_ROWS, refreshed, type RunRows } from './run-rows';

/** When to read older runs too, and what the polling goes by. */
export interface ListSigns extends PollSigns {
  readonly more: Observable<void>;
}

/** The list of runs, kept up to date: faster while one of them goes on. */
export function watchRuns(
  api: RunsApi,
  filter: RunFilter,
  { more, ...signs }: ListSigns,
): Observable<Polled<RunRows>> {
  return defer(() => {
    let rows = NO_ROWS;
    const ask = () => {
      const shown = Math.max(DEFAULT_PAGE_SIZE, rows.items.length);
      return api
        .list(filter, { limit: Math.min(MAX_PAGE_SIZE, shown) })
        .pipe(map((newest) => (rows = refreshed(rows, newest))));
    };
    const pauseMs = (known: RunRows) => (hasLiveRun(known) ? LIVE_POLL_MS : IDLE_POLL_MS);
    const older = () =>
      rows.next === null
        ? EMPTY
        : api.list(filter, { limit: DEFAULT_PAGE_SIZE, cursor: rows.next }).pipe(
            retryWhileLost(),
            map((page) => (rows = extended(rows, page))),
          );
    return merge(
      poll({ ask, pauseMs, isLast: () => false }, signs),
      more.pipe(
        exhaustMap(older),
        map((answer) => ({ answer, lost: undefined })),
      ),
    );
  });
}
