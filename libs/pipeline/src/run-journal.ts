import { patiently, type Patience } from './patience';
import type { Lease, LogBatch, NewLogLine, RunStore } from './run-store';
import type { Facts } from './step';

/** How long a line or a progress may wait before it is stored. */
const FLUSH_EVERY_MS = 250;
/** Lines that are stored as soon as the step pauses, when it prints a lot. */
const FLUSH_AT_LINES = 2_000;

/** What a step reported last. */
interface Report {
  readonly progress: number;
  readonly message?: string;
}

/** Collects log lines, notes and progress of a run and stores them in batches, in order. */
export class RunJournal {
  private lines: NewLogLine[] = [];
  private notes = new Map<string, Facts>();
  private reports = new Map<string, Report>();
  /** What was sent but not confirmed: sent again as it is, so that no line is stored twice. */
  private unconfirmed: LogBatch | undefined;
  private stored: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: RunStore,
    private readonly lease: Lease,
    private readonly patience: Patience,
  ) {
    this.stored = lease.logLines;
  }

  log(step: string, text: string): void {
    const at = new Date();
    this.lines.push(...text.split('\n').map((line) => ({ at, step, text: line })));
    this.schedule(this.lines.length < FLUSH_AT_LINES ? FLUSH_EVERY_MS : 0);
  }

  progress(step: string, fraction: number, message?: string): void {
    const progress = Math.min(1, Math.max(0, fraction));
    this.reports.set(step, message === undefined ? { progress } : { progress, message });
    this.schedule(FLUSH_EVERY_MS);
  }

  /** Notes that are true once the lines before them are stored: both are written in one transaction. */
  checkpoint(step: string, notes: Facts): void {
    this.notes.set(step, notes);
    this.schedule(FLUSH_EVERY_MS);
  }

  /** Stores all that was told so far. Throws `StoreAway` or `Interruption('lease-lost')`; nothing is dropped then. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const write = () => this.write();
    const done = this.writing.then(write, write);
    this.writing = done.catch(() => undefined);
    return done;
  }

  /** Forgets what has not been stored. */
  dispose(): void {
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    // Never at once: the lines of one piece of output and the note that tells of them belong together.
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), ms);
  }

  private async write(): Promise<void> {
    for (let batch = this.nextBatch(); batch; batch = this.nextBatch()) {
      await this.append(batch);
    }
    const { reports } = this;
    this.reports = new Map();
    for (const [step, report] of reports) {
      await patiently(this.patience, () => this.store.moveStep(this.lease, step, report));
    }
  }

  private async append(batch: LogBatch): Promise<void> {
    await patiently(this.patience, () => this.store.appendLog(this.lease, batch));
    this.stored += batch.lines.length;
    this.unconfirmed = undefined;
  }

  private nextBatch(): LogBatch | undefined {
    if (!this.unconfirmed && this.lines.length + this.notes.size > 0) {
      this.unconfirmed = { after: this.stored, lines: this.lines, notes: this.notes };
      this.lines = [];
      this.notes = new Map();
    }
    return this.unconfirmed;
  }
}
