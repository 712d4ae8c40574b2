import type { RunFailure, RunKind, RunStatus } from '@diaken/contracts';
import { isInterruption } from './interruption';
import { patiently, StoreAway } from './patience';
import { failureOf } from './run-failure';
import { type LeaseTimes, RunGuard } from './run-guard';
import { RunJournal } from './run-journal';
import { type Ending, MOST_LOSSES, outcomeOf, workerLost } from './run-outcome';
import { isBegun, isDone, recordOf, stepsToUndo } from './run-reading';
import type { Lease, RunMove, RunRecord, RunStore } from './run-store';
import type { BuiltStep, Pipeline } from './step';
import { StepTaker } from './step-taker';

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

/** What the parts of one advance share. */
interface Work {
  readonly lease: Lease;
  readonly guard: RunGuard;
  readonly taker: StepTaker;
}

/** Takes runs through their pipelines. */
export class PipelineRunner {
  private readonly guards = new Map<string, RunGuard>();

  constructor(
    private readonly store: RunStore,
    private readonly pipelines: ReadonlyMap<RunKind, Pipeline>,
    private readonly options: RunnerOptions,
  ) {}

  /**
   * Takes a run that this worker has claimed as far as it will go.
   * Throws `StoreAway` when the store takes nothing any more: the lease runs out, and the run is taken up again.
   */
  async advance(lease: Lease, stopping: AbortSignal): Promise<Advance> {
    const guard = new RunGuard(this.store, lease, stopping, this.options);
    const patience = { ms: this.options.leaseMs, lost: guard.lostSignal };
    const journal = new RunJournal(this.store, lease, patience);
    const taker = new StepTaker(this.store, lease, journal, patience);
    this.guards.set(lease.runId, guard);
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
      this.guards.delete(lease.runId);
    }
  }

  /** Looks at once whether somebody wants to cancel a run that is at work here. */
  async heed(runId: string): Promise<void> {
    await this.guards.get(runId)?.renew();
  }

  private async work(at: Work): Promise<RunStatus> {
    const run = await this.read(at);
    const pipeline = this.pipelineOf(run);
    if (!pipeline || run.losses >= MOST_LOSSES) {
      await (run.status === 'pending' && this.move(at, 'running'));
      const failure = pipeline ? workerLost(run) : unknownPipeline(run);
      return this.end(at, { to: 'failed', failure });
    }
    const undoing = run.status === 'rolling_back' || run.status === 'cancelling';
    const ending = undoing ? { to: run.status } : await this.goForward(pipeline, at);
    if (ending.to === 'rolling_back' || ending.to === 'cancelling') {
      return this.undo(pipeline, ending, at);
    }
    return this.endUnlessCancelled(pipeline, ending, at);
  }

  private async goForward({ steps }: Pipeline, at: Work): Promise<Ending> {
    await this.move(at, 'running');
    if (at.guard.signal.aborted) {
      return endingOfInterruption(at.guard);
    }
    for (const step of steps) {
      const run = await this.read(at);
      if (isDone(recordOf(run, step.name))) {
        continue;
      }
      try {
        await at.taker.take(step, run, at.guard.signal);
      } catch (error) {
        const ending = await this.endingOf(step, run, error, at);
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
    run: RunRecord,
    error: unknown,
    at: Work,
  ): Promise<Ending | undefined> {
    if (at.guard.signal.aborted) {
      return endingOfInterruption(at.guard);
    }
    this.rethrowLoss(error);
    const failure = await this.fail(step, error, at);
    return step.onFailure === 'ignore' ? undefined : outcomeOf(step, run, error, failure);
  }

  /** Who cancels between the last look and the end has been told that the run would be cancelled. */
  private async endUnlessCancelled(
    pipeline: Pipeline,
    ending: Ending,
    at: Work,
  ): Promise<RunStatus> {
    try {
      if (ending.to === 'failed') {
        await this.hold(pipeline, ending, at);
      }
      // A worker that stops leaves also the undoing to the next one.
      const stops = ending.to === 'pending' && ending.retryInMs === undefined;
      return await this.end(at, { ...ending, unlessCancelled: !stops });
    } catch (error) {
      if (!isInterruption(error, 'cancelled')) {
        throw error;
      }
      return this.undo(pipeline, { to: 'cancelling' }, at);
    }
  }

  /** Does what the pipeline does before it holds what a failed run made. Its failure only makes a line. */
  private async hold({ whenHeld }: Pipeline, { failure }: Ending, at: Work): Promise<void> {
    if (!whenHeld || !failure) {
      return;
    }
    try {
      await at.taker.hold(whenHeld, await this.read(at), failure.step, at.guard.lostSignal);
    } catch (error) {
      at.guard.lostSignal.throwIfAborted();
      const { failure: second, isExpected } = failureOf(whenHeld, error);
      at.taker.log(failure.step, `"${whenHeld.title}" failed: ${second.message}`);
      if (!isExpected) {
        this.tell(error, at, whenHeld);
      }
    }
  }

  /** Undoes every step that was begun, last one first; where the machine is kept, only ends what goes on. */
  private async undo({ steps }: Pipeline, ending: Ending, at: Work): Promise<RunStatus> {
    const { to, failure } = ending;
    await this.move(at, to, failure && { failure });
    const run = await this.read(at);
    const begun = steps.filter((step) => isBegun(recordOf(run, step.name))).reverse();
    const [last = steps[0]] = begun;
    at.taker.log(last?.name ?? '', reason(run));
    const keeps = to === 'cancelling' && run.cancel === 'keep';
    for (const step of stepsToUndo(steps, run, keeps)) {
      const failed = await this.undoStep(step, run, at);
      if (failed) {
        return this.end(at, { to: 'failed', failure: failed });
      }
    }
    return this.end(at, { to: to === 'cancelling' ? 'cancelled' : 'rolled_back' });
  }

  private async undoStep(
    step: BuiltStep,
    run: RunRecord,
    at: Work,
  ): Promise<RunFailure | undefined> {
    try {
      // Not cancellable: half a rollback leaves machines that nobody owns.
      await at.taker.undo(step, run, at.guard.lostSignal);
      return undefined;
    } catch (error) {
      at.guard.lostSignal.throwIfAborted();
      this.rethrowLoss(error);
      return this.fail(step, error, at);
    }
  }

  /** What is no step's fault leaves the run as it is: it is taken up again. */
  private rethrowLoss(error: unknown): void {
    if (error instanceof StoreAway || isInterruption(error, 'lease-lost')) {
      throw error;
    }
    if (this.store.saysAway(error)) {
      throw new StoreAway(error);
    }
  }

  /** Writes down why a step failed; tells of errors that no step expected. */
  private async fail(step: BuiltStep, error: unknown, at: Work): Promise<RunFailure> {
    const { failure, isExpected } = failureOf(step, error);
    if (!isExpected) {
      this.tell(error, at, step);
    }
    await at.taker.fail(step, failure);
    return failure;
  }

  private tell(error: unknown, { lease }: Work, { name }: BuiltStep): void {
    this.options.observer.unexpected(error, { runId: lease.runId, step: name });
  }

  private async end(at: Work, { to, ...move }: Ending): Promise<RunStatus> {
    await at.taker.flush();
    await this.move(at, to, move);
    return to;
  }

  private read({ lease, guard }: Work): Promise<RunRecord> {
    return patiently(this.patience(guard), () => this.store.read(lease.runId));
  }

  private move({ lease, guard }: Work, to: RunStatus, move?: RunMove): Promise<void> {
    return patiently(this.patience(guard), () => this.store.moveRun(lease, to, move));
  }

  private patience({ lostSignal }: RunGuard) {
    return { ms: this.options.leaseMs, lost: lostSignal };
  }

  /** The pipeline with the run's own steps, in its own order; undefined when this version does not know them all. */
  private pipelineOf(run: RunRecord): Pipeline | undefined {
    const known = this.pipelines.get(run.kind);
    const steps = run.steps.flatMap(
      ({ name }) => known?.steps.find((step) => step.name === name) ?? [],
    );
    return known && steps.length === run.steps.length ? { ...known, steps } : undefined;
  }
}

function endingOfInterruption({ signal }: RunGuard): Ending {
  if (isInterruption(signal.reason, 'cancelled')) {
    return { to: 'cancelling' };
  }
  if (isInterruption(signal.reason, 'worker-stopping')) {
    return { to: 'pending' };
  }
  throw signal.reason;
}

/** Why the run is undone, for those who read its log. */
function reason({ status, cancel, decidedBy }: RunRecord): string {
  if (status === 'cancelling') {
    const then = cancel === 'keep' ? 'What it made is kept.' : 'What it made is rolled back.';
    return `Cancelled by ${decidedBy ?? 'an operator'}. ${then}`;
  }
  return decidedBy ? `Rolled back by ${decidedBy}.` : 'Rolled back, as its failure policy says.';
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
