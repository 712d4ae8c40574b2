import { transientFailure } from './failures';

/** What a fake was asked, and how its next answers go wrong. */
export class Calls<Name extends string> {
  /** Every call in order, also those that failed. */
  readonly made: Name[] = [];
  private readonly failing = new Map<Name, Error[]>();
  private readonly lost = new Map<Name, Error>();

  /** The next calls of that name do nothing but fail, one by each error. */
  failNext(name: Name, ...errors: Error[]): void {
    this.failing.set(name, errors.length > 0 ? errors : [transientFailure()]);
  }

  /** The next call of that name is done, but the answer is lost: its caller sees only the error. */
  loseAnswerOf(name: Name, error: Error = transientFailure()): void {
    this.lost.set(name, error);
  }

  count(name: Name): number {
    return this.made.filter((made) => made === name).length;
  }

  /** Does the work of a call, unless it goes wrong as told. */
  async answer<T>(name: Name, work: () => T | Promise<T>): Promise<T> {
    this.made.push(name);
    const failure = this.failing.get(name)?.shift();
    if (failure) {
      throw failure;
    }
    const lost = this.lost.get(name);
    this.lost.delete(name);
    const answer = await work();
    if (lost) {
      throw lost;
    }
    return answer;
  }
}

/** Rejects with the reason of the signal once it is aborted. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
