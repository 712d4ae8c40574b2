import { isSettled, RUN_TRANSITIONS, type RunStatusView, type RunView } from '@diaken/contracts';
import { combineLatest, connect, map, mergeScan, type Observable, of, startWith } from 'rxjs';
import {
  IDLE_POLL_MS,
  LIVE_POLL_MS,
  poll,
  type Polled,
  type PollSigns,
  retryWhileLost,
} from '../../polling/poll';
import type { ShownProblem } from '../../problems/shown-problem';
import type { RunsApi } from '../runs-api';

/** A run as far as it is known. */
export interface WatchedRun {
  /** In full; read again when its revision grows. */
  readonly run: RunView | undefined;
  /** The newest of what changes all the time. */
  readonly latest: RunStatusView | undefined;
  /** Why nothing newer is known, if the last question failed. */
  readonly lost: ShownProblem | undefined;
}

/** Follows a run for as long as anything can become of it. Fails when there is no such run. */
export function watchRun(api: RunsApi, id: string, signs: PollSigns): Observable<WatchedRun> {
  const plan = {
    ask: api.statusQuestion(id),
    // A run that has failed is somebody's to resume or to roll back, not only this page's.
    pauseMs: ({ status }: RunStatusView) => (isSettled(status) ? IDLE_POLL_MS : LIVE_POLL_MS),
    isLast: ({ status }: RunStatusView) => RUN_TRANSITIONS[status].length === 0,
  };
  return poll(plan, signs).pipe(
    connect((polls) => combineLatest([polls, inFull(api, id, polls).pipe(startWith(undefined))])),
    map(([{ answer, lost }, run]) => ({ run, latest: newerOf(answer, run), lost })),
  );
}

/** Reads the run again when its revision has grown, one reading at a time. */
function inFull(
  api: RunsApi,
  id: string,
  polls: Observable<Polled<RunStatusView>>,
): Observable<RunView | undefined> {
  return polls.pipe(
    mergeScan<Polled<RunStatusView>, RunView | undefined>(
      (run, { answer }) =>
        !answer || (run && run.revision >= answer.revision)
          ? of(run)
          : api.find(id).pipe(retryWhileLost()),
      undefined,
      1,
    ),
  );
}

function newerOf(
  status: RunStatusView | undefined,
  run: RunView | undefined,
): RunStatusView | undefined {
  return run && (!status || run.revision > status.revision) ? run : status;
}
