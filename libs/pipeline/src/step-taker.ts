import type { RunFailure } from '@diaken/contracts';
import { attemptWithin, mayRetry, pause, pauseBefore } from './attempt';
import type { RunJournal } from './run-journal';
import { factsOf, recordOf } from './run-reading';
import type { Lease, RunRecord, RunStore, StepChange } from './run-store';
import type { BuiltStep, Facts, StepContext } from './step';
import { StoreAway, stored } from './store-away';

/** Takes single steps: their attempts, their notes, their undoing. */
export class StepTaker {
  constructor(
    private readonly store: RunStore,
    private readonly lease: Lease,
    private readonly journal: RunJournal,
  ) {}

  /** Takes the step, again while its failures are transient. Throws its last failure. */
  async take(step: BuiltStep, run: RunRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const facts = factsOf(run);
    if (step.applies && !step.applies(facts)) {
      return this.move(step.name, { status: 'skipped' });
    }
    let { attempts, notes } = recordOf(run, step.name);
    for (let tries = 1; ; tries++) {
      attempts += 1;
      await this.move(step.name, {
        status: 'running',
        attempts,
        message: null,
      });
      const context = { step, attempt: attempts, notes, onNotes: (now: Facts) => (notes = now) };
      try {
        const gives = await attemptWithin(step.timeoutMs, signal, (limited) =>
          step.run(facts, this.contextFor(context, limited)),
        );
        await this.journal.flush();
        return await this.move(step.name, {
          status: 'success',
          progress: 1,
          gives: gives ?? {},
        });
      } catch (error) {
        if (error instanceof StoreAway) {
          throw error;
        }
        await this.journal.flush();
        if (signal.aborted || !step.retry || !mayRetry(error, step.retry, tries)) {
          throw error;
        }
        await this.waitToRetry(step, tries, error, signal);
      }
    }
  }

  /** Takes the step back. Throws what the undoing throws. */
  async undo(step: BuiltStep, run: RunRecord, signal: AbortSignal): Promise<void> {
    const { notes, attempts } = recordOf(run, step.name);
    await this.move(step.name, { status: 'undoing', message: null });
    const context = { step, attempt: attempts, notes, onNotes: () => undefined };
    await attemptWithin(step.timeoutMs, signal, async (limited) =>
      step.undo?.(factsOf(run), this.contextFor(context, limited)),
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

  private async waitToRetry(
    { name, retry }: BuiltStep,
    tries: number,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const ms = retry ? pauseBefore(tries, retry) : 0;
    const why = error instanceof Error ? error.message : String(error);
    this.journal.log(name, `Attempt ${tries} failed: ${why} Next attempt in ${ms / 1_000} s.`);
    await this.journal.flush();
    await this.move(name, {
      message: `${why} Next attempt in ${ms / 1_000} s.`,
    });
    await pause(ms, signal);
  }

  private contextFor(
    of: { step: BuiltStep; attempt: number; notes: Facts; onNotes: (notes: Facts) => void },
    signal: AbortSignal,
  ): StepContext<Facts> {
    const { name } = of.step;
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
    return stored(this.store.moveStep(this.lease, name, change));
  }
}
