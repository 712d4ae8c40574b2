import type { MachineRequest } from '@diaken/contracts';
import type { BuiltStep, Facts, StepContext } from '@diaken/pipeline';
import { pipelinesOf } from '../pipelines';
import { type FakeTools, fakeTools } from './fake-tools';
import { machineRequest, RUN_ID } from './machine-request';

/** A step of a deployment whose earlier steps are done. */
export class StepBench {
  /** What the step noted; survives an attempt that crashed. */
  notes: Facts = {};
  readonly lines: string[] = [];
  readonly progress: { readonly fraction: number; readonly detail?: string }[] = [];
  private attempts = 0;

  constructor(
    readonly step: BuiltStep,
    readonly facts: Facts,
    readonly tools: FakeTools,
  ) {}

  get applies(): boolean {
    return this.step.applies?.(this.facts) ?? true;
  }

  /** Takes the step. Once more: as after a crash, with the notes it had, but without what it gave. */
  async take(signal: AbortSignal = new AbortController().signal): Promise<Facts> {
    this.attempts += 1;
    return stored(await this.step.run(this.facts, this.context(signal)));
  }

  /** Undoes the step with the notes it had, however far it got. */
  async undo(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.step.undo?.(this.facts, this.context(signal));
  }

  private context(signal: AbortSignal): StepContext<Facts> {
    const remember = (notes: Facts) => {
      this.notes = stored({ ...this.notes, ...notes });
    };
    const notes = () => this.notes;
    return {
      runId: RUN_ID,
      attempt: this.attempts,
      signal,
      get notes() {
        return notes();
      },
      note: async (more) => remember(more),
      checkpoint: remember,
      progress: (fraction, detail) =>
        this.progress.push({ fraction, ...(detail !== undefined && { detail }) }),
      log: (line) => this.lines.push(line),
    };
  }
}

/** A bench for the named step of `deploy-vm`, with the steps before it taken. */
export async function stepBench(
  name: string,
  request: MachineRequest = machineRequest(),
  tools: FakeTools = fakeTools(),
): Promise<StepBench> {
  let facts: Facts = { ...request };
  for (const step of pipelinesOf(tools).get('deploy-vm')?.steps ?? []) {
    const bench = new StepBench(step, facts, tools);
    if (step.name === name) {
      return bench;
    }
    facts = { ...facts, ...(bench.applies && (await bench.take())) };
  }
  throw new Error(`deploy-vm has no step ${name}`);
}

/** As it comes back from a database. */
function stored(facts: Facts): Facts {
  return JSON.parse(JSON.stringify(facts));
}
