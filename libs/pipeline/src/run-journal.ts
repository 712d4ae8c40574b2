import { isInterruption } from './interruption';
import type { Lease, NewLogLine, RunStore } from './run-store';

/** How long a line or a progress may wait before it is stored. */
const FLUSH_EVERY_MS = 250;
/** Lines that are stored at once when a step prints a lot. */
const FLUSH_AT_LINES = 2_000;

/** What a step reported last. */
interface Report {
  readonly progress: number;
  readonly message?: string;
}

/** Collects log lines and progress of a run and stores them in batches, in order. */
export class RunJournal {
  private lines: NewLogLine[] = [];
  private readonly reports = new Map<string, Report>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: RunStore,
    private readonly lease: Lease,
    private readonly onLost: () => void,
  ) {}

  log(step: string, text: string): void {
    for (const line of text.split('\n')) {
      this.lines.push({ at: new Date(), step, text: line });
    }
    if (this.lines.length >= FLUSH_AT_LINES) {
      void this.flush();
    } else {
      this.schedule();
    }
  }

  progress(step: string, fraction: number, message?: string): void {
    const progress = Math.min(1, Math.max(0, fraction));
    this.reports.set(step, message === undefined ? { progress } : { progress, message });
    this.schedule();
  }

  /** Stores all that was told so far. A failure to store is told by the next write that matters. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_EVERY_MS);
  }

  private async write(): Promise<void> {
    const lines = this.lines;
    const reports = [...this.reports];
    this.lines = [];
    this.reports.clear();
    try {
      if (lines.length > 0) {
        await this.store.appendLog(this.lease, lines);
      }
      for (const [step, report] of reports) {
        await this.store.moveStep(this.lease, step, report);
      }
    } catch (error) {
      if (isInterruption(error, 'lease-lost')) {
        this.onLost();
        return;
      }
      // The database is away: keep the lines for the next try, in their order.
      this.lines = [...lines, ...this.lines];
      this.schedule();
    }
  }
}
