import type { RunFailure } from '@diaken/contracts';
import { attemptWithin, mayRetry, pause, pauseBefore } from './attempt';
import type { RunJournal } from './run-journal';
import { factsOf, recordOf } from './run-reading';
import type { Lease, RunRecord, RunStore, StepChange, StepRecord } from './run-store';
import type { BuiltStep, Facts, StepContext } from './step';
import { patiently, type Patience, StoreAway } from './patience';

/** What is done to a step. */
interface Work {
  readonly step: BuiltStep;
  readonly record: StepRecord;
  readonly isUndo: boolean;
}

/** Takes single steps: their attempts, their notes, their undoing. */
export class StepTaker {
  constructor(
    private readonly store: RunStore,
    private readonly lease: Lease,
    private readonly journal: RunJournal,
    private readonly patience: Patience,
  ) {}

  /** Adds a line to the run's log in the name of a step. */
  log(step: string, line: string): void {
    this.journal.log(step, line);
  }

  /** Stores all that was told so far. */
  flush(): Promise<void> {
    return this.journal.flush();
  }

  /** Does what the pipeline does before it holds a failed run; told in the log of the step that failed. */
  async hold(step: BuiltStep, run: RunRecord, failed: string, signal: AbortSignal): Promise<void> {
    const facts = factsOf(run);
    if (step.applies && !step.applies(facts)) {
      return;
    }
    const context = { name: failed, attempt: 1, notes: {}, onNotes: () => undefined };
    await attemptWithin(step.timeoutMs, signal, (limited) =>
      step.run(facts, { ...this.contextFor(context, limited), note: async () => undefined }),
    );
    await this.journal.flush();
  }

  /** Takes the step, again while its failures are transient. Throws its last failure. */
  async take(step: BuiltStep, run: RunRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const facts = factsOf(run);
    if (step.applies && !step.applies(facts)) {
      return this.move(step.name, { status: 'skipped' });
    }
    const record = recordOf(run, step.name);
    const gives = await this.retrying({ step, record, isUndo: false }, signal, (at) =>
      step.run(facts, at),
    );
    await this.journal.flush();
    await this.move(step.name, {
      status: 'success',
      progress: 1,
      message: null,
      gives: gives ?? {},
    });
  }

  /** Takes the step back, again while its failures are transient. Throws its last failure. */
  async undo(step: BuiltStep, run: RunRecord, signal: AbortSignal): Promise<void> {
    const record = recordOf(run, step.name);
    await this.retrying({ step, record, isUndo: true }, signal, async (at) =>
      step.undo?.(factsOf(run), at),
    );
    await this.journal.flush();
    await this.move(step.name, { status: 'undone' });
  }

  /** Writes down that the step failed, and why, also for those who read only the log. */
  async fail(step: BuiltStep, { message, remedy }: RunFailure): Promise<void> {
    this.journal.log(step.name, `Failed: ${message} ${remedy}`);
    await this.journal.flush();
    await this.move(step.name, { status: 'failed', message });
  }

  private async retrying<T>(
    { step, record, isUndo }: Work,
    signal: AbortSignal,
    work: (at: StepContext<Facts>) => Promise<T>,
  ): Promise<T> {
    let { attempts, notes } = record;
    for (let tries = 1; ; tries++) {
      attempts += isUndo ? 0 : 1;
      const status = isUndo ? 'undoing' : 'running';
      await this.move(step.name, { status, attempts, message: null });
      const context = {
        name: step.name,
        attempt: attempts,
        notes,
        onNotes: (now: Facts) => (notes = now),
      };
      try {
        return await attemptWithin(step.timeoutMs, signal, (limited) =>
          work(this.contextFor(context, limited)),
        );
      } catch (error) {
        if (error instanceof StoreAway || signal.aborted || !mayRetry(error, step.retry, tries)) {
          throw error;
        }
        await this.waitToRetry(step, tries, error, signal);
      }
    }
  }

  private async waitToRetry(
    { name, retry }: BuiltStep,
    tries: number,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const ms = retry ? pauseBefore(tries, retry) : 0;
    const why = error instanceof Error ? error.message : String(error);
    const next = `Next attempt in ${Math.ceil(ms / 1_000)} s.`;
    this.journal.log(name, `Attempt ${tries} failed: ${why} ${next}`);
    await this.journal.flush();
    await this.move(name, { message: `${why} ${next}` });
    await pause(ms, signal);
  }

  private contextFor(
    of: { name: string; attempt: number; notes: Facts; onNotes: (notes: Facts) => void },
    signal: AbortSignal,
  ): StepContext<Facts> {
    const { name } = of;
    let notes = of.notes;
    const remember = (more: Facts) => {
      notes = { ...notes, ...more };
      of.onNotes(notes);
      this.journal.checkpoint(name, notes);
    };
    return {
      runId: this.lease.runId,
      attempt: of.attempt,
      signal,
      get notes() {
        return notes;
      },
      note: async (more) => {
        remember(more);
        await this.journal.flush();
      },
      checkpoint: remember,
      progress: (fraction, detail) => this.journal.progress(name, fraction, detail),
      log: (line) => this.journal.log(name, line),
    };
  }

  private move(name: string, change: StepChange): Promise<void> {
    return patiently(this.patience, () => this.store.moveStep(this.lease, name, change));
  }
}
