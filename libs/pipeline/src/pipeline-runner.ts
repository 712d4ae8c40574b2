import type { RunFailure, RunKind, RunStatus } from '@diaken/contracts';
import { isInterruption } from './interruption';
import { type LeaseTimes, RunGuard } from './run-guard';
import { RunJournal } from './run-journal';
import type { Lease, RunRecord, RunStore } from './run-store';
import { failureOf } from './run-failure';
import type { BuiltStep, Pipeline } from './step';
import { StepTaker } from './step-taker';
import { StoreAway, stored } from './store-away';
import { isBegun, isDone, recordOf } from './run-reading';

/** What became of a run that was given to a runner. */
export type Advance = 'settled' | 'given-back' | 'not-ours';

/** Where the runner tells of what is not the run's fault. */
export interface RunnerObserver {
  /** An error that no step expected: a bug, or a part of the system that is away. */
  unexpected(error: unknown, where: { readonly runId: string; readonly step: string }): void;
}

export interface RunnerOptions extends LeaseTimes {
  readonly observer: RunnerObserver;
}

/** How an attempt to go forward ended. */
interface Ending {
  readonly to: RunStatus;
  readonly failure?: RunFailure;
}

/** What the parts of one advance share. */
interface Work {
  readonly lease: Lease;
  readonly guard: RunGuard;
  readonly taker: StepTaker;
}

/** Takes runs through their pipelines. */
export class PipelineRunner {
  constructor(
    private readonly store: RunStore,
    private readonly pipelines: ReadonlyMap<RunKind, Pipeline>,
    private readonly options: RunnerOptions,
  ) {}

  /**
   * Takes a run as far as it will go. Calling it twice does no harm: the run is claimed first.
   * Throws `StoreAway` when the store is; the lease runs out then and the run is taken up again.
   */
  async advance(runId: string, stopping: AbortSignal): Promise<Advance> {
    const lease = await this.store.claim(runId);
    if (!lease) {
      return 'not-ours';
    }
    const guard = new RunGuard(this.store, lease, stopping, this.options);
    const journal = new RunJournal(this.store, lease, () => guard.lose());
    const taker = new StepTaker(this.store, lease, journal);
    try {
      await guard.renew();
      const ended = await this.work({ lease, guard, taker });
      return ended === 'pending' ? 'given-back' : 'settled';
    } catch (error) {
      if (isInterruption(error, 'lease-lost')) {
        // The run is another worker's now. Whatever we would write is stale.
        return 'not-ours';
      }
      throw error;
    } finally {
      await leave(journal.flush(), this.store, lease);
      journal.dispose();
      guard.dispose();
    }
  }

  private async work({ lease, guard, taker }: Work): Promise<RunStatus> {
    const run = await stored(this.store.read(lease.runId));
    const steps = this.stepsOf(run);
    if (!steps) {
      return this.end(lease, { to: 'failed', failure: unknownPipeline(run) });
    }
    const undoing = run.status === 'rolling_back' || run.status === 'cancelling';
    const ending = undoing
      ? { to: run.status }
      : await this.goForward(steps, { lease, guard, taker });
    if (ending.to === 'rolling_back' || ending.to === 'cancelling') {
      return this.undo(steps, ending, { lease, guard, taker });
    }
    return this.end(lease, ending);
  }

  private async goForward(
    steps: readonly BuiltStep[],
    { lease, guard, taker }: Work,
  ): Promise<Ending> {
    await stored(this.store.moveRun(lease, 'running'));
    if (guard.signal.aborted) {
      return this.endingOfInterruption(guard);
    }
    for (const step of steps) {
      const run = await stored(this.store.read(lease.runId));
      if (isDone(recordOf(run, step.name))) {
        continue;
      }
      try {
        await taker.take(step, run, guard.signal);
      } catch (error) {
        const ending = await this.endingOf(step, error, { lease, guard, taker });
        if (ending) {
          return ending;
        }
      }
    }
    return { to: 'success' };
  }

  /** How the run ends by this error; undefined: it goes on. */
  private async endingOf(
    step: BuiltStep,
    error: unknown,
    { lease, guard, taker }: Work,
  ): Promise<Ending | undefined> {
    if (guard.signal.aborted) {
      return this.endingOfInterruption(guard);
    }
    if (error instanceof StoreAway || isInterruption(error, 'lease-lost')) {
      throw error;
    }
    const failure = await this.fail(step, error, { lease, taker });
    if (step.onFailure === 'ignore') {
      return undefined;
    }
    return { to: step.onFailure === 'roll-back' ? 'rolling_back' : 'failed', failure };
  }

  private endingOfInterruption({ signal }: RunGuard): Ending {
    if (isInterruption(signal.reason, 'cancelled')) {
      return { to: 'cancelling' };
    }
    if (isInterruption(signal.reason, 'worker-stopping')) {
      return { to: 'pending' };
    }
    throw signal.reason;
  }

  /** Undoes every step that was begun, last one first. */
  private async undo(
    steps: readonly BuiltStep[],
    { to, failure }: Ending,
    { lease, guard, taker }: Work,
  ): Promise<RunStatus> {
    await stored(this.store.moveRun(lease, to, failure));
    const run = await stored(this.store.read(lease.runId));
    if (to === 'rolling_back' || run.cancel !== 'keep') {
      const begun = steps.filter((step) => isBegun(recordOf(run, step.name)));
      for (const step of begun.reverse()) {
        const failed = await this.undoStep(step, run, { lease, guard, taker });
        if (failed) {
          return this.end(lease, { to: 'failed', failure: failed });
        }
      }
    }
    return this.end(lease, { to: to === 'cancelling' ? 'cancelled' : 'rolled_back' });
  }

  private async undoStep(
    step: BuiltStep,
    run: RunRecord,
    { lease, guard, taker }: Work,
  ): Promise<RunFailure | undefined> {
    try {
      // Not cancellable: half a rollback leaves machines that nobody owns.
      await taker.undo(step, run, guard.lostSignal);
      return undefined;
    } catch (error) {
      guard.lostSignal.throwIfAborted();
      if (error instanceof StoreAway || isInterruption(error, 'lease-lost')) {
        throw error;
      }
      return this.fail(step, error, { lease, taker });
    }
  }

  /** Writes down why a step failed; tells of errors that no step expected. */
  private async fail(
    step: BuiltStep,
    error: unknown,
    { lease, taker }: Pick<Work, 'lease' | 'taker'>,
  ): Promise<RunFailure> {
    const { failure, isExpected } = failureOf(step, error);
    if (!isExpected) {
      this.options.observer.unexpected(error, { runId: lease.runId, step: step.name });
    }
    await taker.fail(step, failure);
    return failure;
  }

  private async end(lease: Lease, { to, failure }: Ending): Promise<RunStatus> {
    await stored(this.store.moveRun(lease, to, failure));
    return to;
  }

  /** The run's own steps, in its own order; undefined when this version does not know them all. */
  private stepsOf(run: RunRecord): readonly BuiltStep[] | undefined {
    const known = this.pipelines.get(run.kind)?.steps ?? [];
    const steps = run.steps.map(({ name }) => known.find((step) => step.name === name));
    return steps.every((step) => step !== undefined) ? steps : undefined;
  }
}

function unknownPipeline(run: RunRecord): RunFailure {
  return {
    step: run.steps[0]?.name ?? '',
    code: 'unknown-pipeline',
    message: `This worker does not know every step of the ${run.kind} run: another version created it.`,
    remedy: 'Run the worker version that created it, or ask for a new run.',
  };
}

/** Stores what is left and lets go of the run. A store that is away must not hide why the work ended. */
async function leave(flushed: Promise<void>, store: RunStore, lease: Lease): Promise<void> {
  try {
    await flushed;
    await store.release(lease);
  } catch {
    // The lease runs out by itself, and the next worker goes on from what is stored.
  }
}
