import type { RunKind } from '@diaken/contracts';

/** Anything that survives a trip through a jsonb column. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What is known of a run: its request, and what its steps gave. */
export type Facts = Readonly<Record<string, unknown>>;

/** What a final failure of a step means for its run. */
export type FailurePolicy = 'hold' | 'roll-back' | 'ignore';

/** How often, and how patiently, a transient failure is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** Pause before the second attempt. */
  readonly delayMs: number;
  /** What the pause is multiplied by from attempt to attempt. Default: 1. */
  readonly backoff?: number;
}

/** One thing that a pipeline does, and how to take it back. */
export interface Step<Needs, Gives, Notes = object> {
  /** Stable identifier. Stored in the database, so never renamed. */
  readonly name: string;
  /** What the operator reads in the timeline. */
  readonly title: string;
  /** Longest time that one attempt may take. */
  readonly timeoutMs: number;
  /** Default: a failure is not tried again. */
  readonly retry?: RetryPolicy;
  /** Default: `hold`. */
  readonly onFailure?: FailurePolicy;
  /** Share of the progress bar, relative to the other steps. Default: 1. */
  readonly weight?: number;
  /** Fields of the request that nothing uses once this step is done: until then a resume may change them. */
  readonly lastToUse?: readonly string[];
  /** Whether this run needs the step. A step that does not apply is shown as skipped. */
  readonly applies?: (facts: Needs) => boolean;
  /** Does the work. Called again after a crash, so it first looks for what it already did. */
  readonly run: (facts: Needs, at: StepContext<Notes>) => Promise<Gives>;
  /** Takes the work back. Called even when `run` got only half way: it searches instead of trusting facts. */
  readonly undo?: (facts: Needs, at: StepContext<Notes>) => Promise<void>;
  /**
   * When `undo` is also called. `though-not-begun`: the request itself has made what it takes back. `though-kept`: it
   * only ends what still goes on, so it is called for a step that has not ended also where the machine is kept.
   */
  readonly undone?: 'though-not-begun' | 'though-kept';
}

/** What a step is given besides the facts. */
export interface StepContext<Notes> {
  readonly runId: string;
  /** How many attempts at this step there have been, this one included; workers that crashed count too. */
  readonly attempt: number;
  /** Aborted on cancel, timeout, worker stopping or a lost lease; its reason says which. */
  readonly signal: AbortSignal;
  /** What this step noted before, in this attempt or in one that crashed. */
  readonly notes: Partial<Notes>;
  /** Saves a handle to something outside before anything can go wrong with it. */
  note(notes: Partial<Notes>): Promise<void>;
  /** Notes that become true with the lines logged before them; saved together with those, a little later. */
  checkpoint(notes: Partial<Notes>): void;
  /** Fraction of this step done, 0 to 1, and what it is at. */
  progress(fraction: number, detail?: string): void;
  /** Adds a line to the run's log. */
  log(line: string): void;
}

// `run`, `undo` and `applies` are properties on purpose: TypeScript checks the parameters of function
// properties contravariantly, those of methods not at all.

/** Declares a step; infers its types. */
export function defineStep<Needs, Gives, Notes = object>(
  step: Step<Needs, Gives, Notes>,
): Step<Needs, Gives, Notes> {
  return step;
}

/** A step of a pipeline that has been built: the builder has checked that the facts fit. */
export type BuiltStep = Step<Facts, Facts, Facts>;

/** What is known of a step before it runs; stored with each run. */
export interface StepPlan {
  readonly name: string;
  readonly title: string;
  readonly weight: number;
}

/** A pipeline's name, and its steps in order. */
export interface Pipeline {
  readonly kind: RunKind;
  readonly steps: readonly BuiltStep[];
  /** What is done before a run that failed for good is held, such as powering its machine off. */
  readonly whenHeld?: BuiltStep;
}
