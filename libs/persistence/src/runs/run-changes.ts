import { Notifications } from './notifications';
import { RUN_CHANGED_CHANNEL } from './transaction';

/** Hears which runs have changed, from every process that writes to PostgreSQL. */
export class RunChanges extends Notifications {
  constructor(url: string) {
    super(url, RUN_CHANGED_CHANNEL);
  }

  /** Calls back at each change of the run, until the signal is aborted. */
  watch(runId: string, signal: AbortSignal, onChange: () => void): void {
    this.emitter.on(runId, onChange);
    signal.addEventListener('abort', () => this.emitter.off(runId, onChange), { once: true });
  }

  /** Resolves at the next change of the run, or when the time is over, or when the signal is aborted. */
  next(runId: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.emitter.off(runId, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.emitter.on(runId, done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) {
        done();
      }
    });
  }
}
