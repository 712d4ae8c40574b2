import {
  catchError,
  EMPTY,
  expand,
  map,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  of,
  retry,
  scan,
  startWith,
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
  /** Shortest pause while nobody can see the page; `Infinity`: nothing is asked then. */
  readonly hiddenMs?: number;
}

/** What a polling goes by. */
export interface PollSigns {
  /** Whether somebody can see the page. */
  readonly visible: Observable<boolean>;
  /** Something was done that changes the answer: asks at once, also after the last answer. */
  readonly again?: Observable<void>;
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
  { visible, again = EMPTY }: PollSigns,
): Observable<Polled<Answer>> {
  const ask = () => plan.ask().pipe(map(answered), catchError(lostOrThrow<Answer>));
  const { hiddenMs = HIDDEN_POLL_MS } = plan;
  const round = () =>
    visible.pipe(
      switchMap((isVisible, turn) =>
        pause(isVisible || turn === 0 ? 0 : hiddenMs).pipe(
          switchMap(ask),
          expand((polled) => {
            const pauseMs = pauseAfter(plan, polled);
            return pause(isVisible ? pauseMs : Math.max(pauseMs, hiddenMs)).pipe(switchMap(ask));
          }),
        ),
      ),
      takeWhile(({ answer }) => answer === undefined || !plan.isLast(answer), true),
    );
  return again.pipe(
    startWith(undefined),
    switchMap(round),
    scan((before, now) => ({ answer: now.answer ?? before.answer, lost: now.lost })),
  );
}

/** Asks again, calmly, for as long as the connection is lost. */
export function retryWhileLost<Answer>(): MonoTypeOperatorFunction<Answer> {
  return retry({
    delay: (error: unknown) => (isPassing(error) ? timer(RETRY_MS) : throwError(() => error)),
  });
}

function pauseAfter<Answer>(plan: PollPlan<Answer>, { answer }: Polled<Answer>): number {
  return answer === undefined ? RETRY_MS : plan.pauseMs(answer);
}

/** A timer that takes `Infinity` for what it is. */
function pause(ms: number): Observable<unknown> {
  return ms === Infinity ? NEVER : timer(ms);
}

function answered<Answer>(answer: Answer): Polled<Answer> {
  return { answer, lost: undefined };
}

function lostOrThrow<Answer>(error: unknown): Observable<Polled<Answer>> {
  return isPassing(error)
    ? of({ answer: undefined, lost: toShownProblem(error) })
    : throwError(() => error);
}
