import { HttpErrorResponse } from '@angular/common/http';
import { BehaviorSubject, defer, of, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HIDDEN_POLL_MS, LIVE_POLL_MS, poll, type Polled, type PollPlan, RETRY_MS } from './poll';

describe('poll', () => {
  let visible: BehaviorSubject<boolean>;
  let again: Subject<void>;
  let answers: (string | HttpErrorResponse)[];
  let asked: number;
  let heard: Polled<string>[];
  let outcome: 'going on' | 'ended' | 'failed';

  const plan = {
    ask: () =>
      defer(() => {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? '';
        asked += 1;
        return typeof answer === 'string' ? of(answer) : throwError(() => answer);
      }),
    pauseMs: () => LIVE_POLL_MS,
    isLast: (answer: string) => answer === 'settled',
  };
  const start = (...given: typeof answers) => startAs({}, given);
  const startAs = (wish: Partial<PollPlan<string>>, given: typeof answers) => {
    answers = given;
    return poll({ ...plan, ...wish }, { visible, again }).subscribe({
      next: (polled) => heard.push(polled),
      complete: () => (outcome = 'ended'),
      error: () => (outcome = 'failed'),
    });
  };
  const lost = new HttpErrorResponse({ status: 0 });

  beforeEach(() => {
    vi.useFakeTimers();
    visible = new BehaviorSubject(true);
    again = new Subject();
    asked = 0;
    heard = [];
    outcome = 'going on';
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks at once and then every two seconds', () => {
    const polling = start('live');
    vi.advanceTimersByTime(0);
    expect(asked).toBe(1);
    vi.advanceTimersByTime(3 * LIVE_POLL_MS);
    expect(asked).toBe(4);
    polling.unsubscribe();
  });

  it('stops once the run has settled', () => {
    start('live', 'settled');
    vi.advanceTimersByTime(10 * LIVE_POLL_MS);
    expect(asked).toBe(2);
    expect(heard.at(-1)?.answer).toBe('settled');
    again.complete();
    expect(outcome).toBe('ended');
    visible.next(false);
    visible.next(true);
    vi.advanceTimersByTime(HIDDEN_POLL_MS);
    expect(asked).toBe(2);
  });

  it('begins anew, with what it knew, when something was done after the last answer', () => {
    const polling = start('settled', lost, 'live');
    vi.advanceTimersByTime(LIVE_POLL_MS);
    expect(asked).toBe(1);
    again.next();
    vi.advanceTimersByTime(0);
    expect(heard.at(-1)).toMatchObject({ answer: 'settled', lost: { status: 0 } });
    vi.advanceTimersByTime(RETRY_MS + LIVE_POLL_MS);
    expect(asked).toBe(4);
    polling.unsubscribe();
  });

  it('asks nothing while nobody looks, where the plan says so', () => {
    const polling = startAs({ hiddenMs: Infinity }, ['live']);
    vi.advanceTimersByTime(0);
    visible.next(false);
    vi.advanceTimersByTime(100 * HIDDEN_POLL_MS);
    expect(asked).toBe(1);
    visible.next(true);
    vi.advanceTimersByTime(0);
    expect(asked).toBe(2);
    polling.unsubscribe();
  });

  it('asks more slowly while nobody looks, and at once when somebody looks again', () => {
    const polling = start('live');
    vi.advanceTimersByTime(0);
    visible.next(false);
    vi.advanceTimersByTime(HIDDEN_POLL_MS - 1);
    expect(asked).toBe(1);
    vi.advanceTimersByTime(1 + HIDDEN_POLL_MS);
    expect(asked).toBe(3);
    visible.next(true);
    vi.advanceTimersByTime(0);
    expect(asked).toBe(4);
    polling.unsubscribe();
  });

  it('asks at once on a page that was opened in the background', () => {
    visible.next(false);
    const polling = start('live');
    vi.advanceTimersByTime(0);
    expect(asked).toBe(1);
    polling.unsubscribe();
  });

  it('keeps the last answer while the connection is lost, and goes on afterwards', () => {
    const polling = start('first', lost, 'second');
    vi.advanceTimersByTime(LIVE_POLL_MS);
    expect(heard.at(-1)).toMatchObject({ answer: 'first', lost: { status: 0 } });
    vi.advanceTimersByTime(RETRY_MS);
    expect(heard.at(-1)).toEqual({ answer: 'second', lost: undefined });
    polling.unsubscribe();
  });

  it('ends with an error that waiting does not mend', () => {
    start('live', new HttpErrorResponse({ status: 404 }));
    vi.advanceTimersByTime(LIVE_POLL_MS);
    expect(outcome).toBe('failed');
  });
});
