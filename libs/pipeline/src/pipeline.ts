import type { RunKind } from '@diaken/contracts';
import type { BuiltStep, Pipeline, Step, StepPlan } from './step';

/** Starts a pipeline whose first facts are the request itself. */
export function pipeline<Request>(kind: RunKind): PipelineBuilder<Request> {
  return new PipelineBuilder(kind, []);
}

/** Puts steps in order, and lets the compiler check that each has what it needs. */
export class PipelineBuilder<Known> {
  constructor(
    private readonly kind: RunKind,
    private readonly steps: readonly BuiltStep[],
    private readonly held?: BuiltStep,
  ) {}

  /** What is done before a run that failed for good is held. Its own failure is only told. */
  whenHeld(step: Step<Known, object>): PipelineBuilder<Known> {
    return new PipelineBuilder(this.kind, this.steps, step as unknown as BuiltStep);
  }

  /** Compiles only when the request and earlier steps give every fact that this step needs. */
  step<Gives, Notes>(step: Step<Known, Gives, Notes>): PipelineBuilder<Known & Gives> {
    // The one place where the types of facts are let go: the signature above has checked them.
    return new PipelineBuilder(this.kind, [...this.steps, step as unknown as BuiltStep], this.held);
  }

  /** Throws when two steps have the same name. */
  build(): Pipeline {
    const names = new Set(this.steps.map(({ name }) => name));
    if (names.size < this.steps.length) {
      throw new Error(`Pipeline ${this.kind} has two steps of the same name`);
    }
    const { kind, steps, held } = this;
    return { kind, steps, ...(held && { whenHeld: held }) };
  }
}

/** Fields of the request that a resume may still change: no step that is done was the last to use them. */
export function editableFields(of: Pipeline, isStepDone: (name: string) => boolean): string[] {
  const open = of.steps.filter(({ name }) => !isStepDone(name));
  return open.flatMap(({ lastToUse = [] }) => lastToUse);
}

/** What a new run stores of its pipeline, so that an upgrade moves only new runs. */
export function planOf(of: Pipeline): readonly StepPlan[] {
  return of.steps.map(({ name, title, weight = 1 }) => ({ name, title, weight }));
}
