import { Interruption, isInterruption } from './interruption';
import type { Lease, RunStore } from './run-store';

/** How leases are kept. */
export interface LeaseTimes {
  /** How long a lease lasts without being renewed. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
}

/** Keeps the lease alive while a run is worked on, and interrupts the work when it must stop. */
export class RunGuard {
  private readonly work = new AbortController();
  private readonly lost = new AbortController();
  private readonly timer: ReturnType<typeof setInterval>;
  private renewedAt = performance.now();

  /** Aborted when the work must stop for whatever reason. */
  readonly signal = this.work.signal;
  /** Aborted only when the run is another worker's: for undoing, which nothing else may stop. */
  readonly lostSignal = this.lost.signal;

  constructor(
    private readonly store: RunStore,
    private readonly lease: Lease,
    private readonly stopping: AbortSignal,
    private readonly times: LeaseTimes,
  ) {
    this.timer = setInterval(() => void this.renew(), times.renewEveryMs);
    stopping.addEventListener('abort', this.stop);
    if (stopping.aborted) {
      this.stop();
    }
  }

  /** Makes the lease last; never throws. */
  async renew(): Promise<void> {
    try {
      const { cancel } = await this.store.renew(this.lease);
      this.renewedAt = performance.now();
      if (cancel) {
        this.work.abort(new Interruption('cancelled'));
      }
    } catch (error) {
      // The database may be away for a moment. The lease is ours until it has run out.
      const age = performance.now() - this.renewedAt;
      if (
        isInterruption(error, 'lease-lost') ||
        age > this.times.leaseMs - this.times.renewEveryMs
      ) {
        this.lose();
      }
    }
  }

  /** Stops the work because the run is another worker's now. */
  lose(): void {
    const reason = new Interruption('lease-lost');
    this.work.abort(reason);
    this.lost.abort(reason);
  }

  dispose(): void {
    clearInterval(this.timer);
    this.stopping.removeEventListener('abort', this.stop);
  }

  private readonly stop = () => this.work.abort(new Interruption('worker-stopping'));
}
