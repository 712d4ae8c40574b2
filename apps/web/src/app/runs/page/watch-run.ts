import { isSettled, type RunStatusView, type RunView } from '@diaken/contracts';
import { combineLatest, connect, map, mergeScan, type Observable, of, startWith } from 'rxjs';
import { LIVE_POLL_MS, poll, type Polled, retryWhileLost } from '../../polling/poll';
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

/** Follows a run until it settles. Fails when there is no such run. */
export function watchRun(
  api: RunsApi,
  id: string,
  visible: Observable<boolean>,
): Observable<WatchedRun> {
  const plan = {
    ask: api.statusQuestion(id),
    pauseMs: () => LIVE_POLL_MS,
    isLast: ({ status }: RunStatusView) => isSettled(status),
  };
  return poll(plan, visible).pipe(
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
