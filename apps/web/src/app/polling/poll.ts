import {
  catchError,
  expand,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  scan,
  switchMap,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';
import { isPassing, type ShownProblem, toShownProblem } from '../problems/shown-problem';

/** Pause between two questions about something that changes. */
export const LIVE_POLL_MS = 2_000;
/** Pause while nothing is expected to change. */
export const IDLE_POLL_MS = 10_000;
/** Shortest pause while nobody can see the page. */
export const HIDDEN_POLL_MS = 10_000;
/** Pause after a question that got no answer. */
export const RETRY_MS = 3_000;

/** What to ask, how often, and when to stop. */
export interface PollPlan<Answer> {
  readonly ask: () => Observable<Answer>;
  /** Milliseconds to wait after this answer while the page is visible. */
  readonly pauseMs: (answer: Answer) => number;
  /** Whether nothing is left to ask after this answer. */
  readonly isLast: (answer: Answer) => boolean;
}

/** The newest answer there is, and why there is no newer one if the last question failed. */
export interface Polled<Answer> {
  readonly answer: Answer | undefined;
  readonly lost: ShownProblem | undefined;
}

/**
 * Asks at once and then again and again, one question at a time. A lost connection is told and
 * outlived; any other error ends the polling. Asks at once when the page comes back to sight.
 */
export function poll<Answer>(
  plan: PollPlan<Answer>,
  visible: Observable<boolean>,
): Observable<Polled<Answer>> {
  const ask = () => plan.ask().pipe(map(answered), catchError(lostOrThrow<Answer>));
  return visible.pipe(
    switchMap((isVisible, turn) =>
      timer(isVisible || turn === 0 ? 0 : HIDDEN_POLL_MS).pipe(
        switchMap(ask),
        expand((polled) => timer(pauseAfter(plan, polled, isVisible)).pipe(switchMap(ask))),
      ),
    ),
    takeWhile(({ answer }) => answer === undefined || !plan.isLast(answer), true),
    scan((before, now) => ({ answer: now.answer ?? before.answer, lost: now.lost })),
  );
}

/** Asks again, calmly, for as long as the connection is lost. */
export function retryWhileLost<Answer>(): MonoTypeOperatorFunction<Answer> {
  return retry({
    delay: (error: unknown) => (isPassing(error) ? timer(RETRY_MS) : throwError(() => error)),
  });
}

function pauseAfter<Answer>(
  plan: PollPlan<Answer>,
  { answer }: Polled<Answer>,
  isVisible: boolean,
): number {
  const pauseMs = answer === undefined ? RETRY_MS : plan.pauseMs(answer);
  return isVisible ? pauseMs : Math.max(pauseMs, HIDDEN_POLL_MS);
}

function answered<Answer>(answer: Answer): Polled<Answer> {
  return { answer, lost: undefined };
}

function lostOrThrow<Answer>(error: unknown): Observable<Polled<Answer>> {
  return isPassing(error)
    ? of({ answer: undefined, lost: toShownProblem(error) })
    : throwError(() => error);
}
