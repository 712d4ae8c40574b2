import type { RunKind } from '@diaken/contracts';
import {
  type Advance,
  type Facts,
  isInterruption,
  type Pipeline,
  PipelineRunner,
} from '@diaken/pipeline';
import { InMemoryRunStore } from '@diaken/pipeline/testing';
import { pipelinesOf } from '../pipelines';
import { type FakeTools, fakeTools } from './fake-tools';
import { machineRequest, RUN_ID } from './machine-request';

/** What befalls a worker between the work of a step and its being written down. */
export interface Mishap {
  readonly after: string;
  readonly happens: () => void;
}

/** A run that the real runner takes through its pipeline, with fakes of everything outside. */
export class RunBench {
  readonly store = new InMemoryRunStore();
  /** Errors that no step had expected. */
  readonly unexpected: unknown[] = [];
  private readonly pipeline: Pipeline;

  constructor(
    readonly tools: FakeTools = fakeTools(),
    request: Facts = { ...machineRequest() },
    kind: RunKind = 'deploy-vm',
  ) {
    const built = pipelinesOf(tools).get(kind);
    if (!built) {
      throw new Error(`No pipeline of kind ${kind}`);
    }
    this.pipeline = built;
    this.store.add(RUN_ID, built, request);
  }

  get run() {
    return this.store.get(RUN_ID);
  }

  /** All that the steps gave. */
  get result(): Facts {
    return Object.assign({}, ...this.run.steps.map(({ gives }) => gives));
  }

  step(name: string) {
    return this.run.steps.find((step) => step.name === name);
  }

  /** Takes the run as far as it will go. */
  async advance(mishap?: Mishap, stopping = new AbortController().signal): Promise<Advance> {
    const steps = this.pipeline.steps.map((step) =>
      step.name === mishap?.after ? befallen(step, mishap) : step,
    );
    const pipelines = new Map([[this.pipeline.kind, { ...this.pipeline, steps }]]);
    const runner = new PipelineRunner(this.store, pipelines, {
      leaseMs: 60_000,
      renewEveryMs: 1_000,
      observer: { unexpected: (error) => this.wonder(error) },
    });
    const lease = await this.store.claim(RUN_ID);
    return lease ? runner.advance(lease, stopping) : 'not-ours';
  }

  /** The worker dies once the step has done its work, and another one goes on. */
  async dieAfter(step: string): Promise<Advance> {
    const died = await this.advance({ after: step, happens: () => this.store.steal(RUN_ID) });
    this.store.abandon(RUN_ID);
    return died;
  }

  resume(): Promise<Advance> {
    this.store.set(RUN_ID, { status: 'pending' });
    return this.advance();
  }

  rollBack(): Promise<Advance> {
    this.store.set(RUN_ID, { status: 'rolling_back' });
    return this.advance();
  }

  private wonder(error: unknown): void {
    // A worker whose lease was stolen is no surprise here.
    if (!isInterruption(error, 'lease-lost')) {
      this.unexpected.push(error);
    }
  }
}

type AnyStep = Pipeline['steps'][number];

function befallen(step: AnyStep, { happens }: Mishap): AnyStep {
  return {
    ...step,
    run: async (facts, at) => {
      const gives = await step.run(facts, at);
      happens();
      return gives;
    },
  };
}
