import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/system';
import type { UnderLoad } from '../measure/under-load';
import type { SubmitFigures } from '../submit/submit';
import type { KeptRuns } from '../submit/kept-runs';
import { comparisonTable, keptLine, loadTable, type Memory, memoryTable } from './tables';

const FOLDER = join(ROOT, 'dist/bench');

export type Warmed = Omit<SubmitFigures, 'ids'>;

/** Everything that was measured; what is missing was not reached. */
export class Report {
  readonly machine = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverageAtStart: loadavg()[0],
  };
  readonly memory: Memory = {};
  submit: (Warmed & { readonly kept: KeptRuns }) | undefined;
  bare: Warmed | undefined;
  polls: UnderLoad | undefined;

  /** Prints Markdown tables, and writes each part to dist/bench as JSON. */
  async write(): Promise<void> {
    const { machine, memory, submit, bare, polls } = this;
    await mkdir(FOLDER, { recursive: true });
    const parts = Object.entries({ machine, memory, submit, bare, polls });
    for (const [name, figures] of parts.filter(([, measured]) => measured !== undefined)) {
      await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
    }
    console.log(this.markdown());
  }

  private markdown(): string {
    const { machine, memory, submit, bare, polls } = this;
    const loads: [string, UnderLoad | undefined][] = [
      ['POST /deployments, the first seconds', submit?.warmUp],
      ['POST /deployments', submit?.measured],
      ['bare INSERT + Bull, the first seconds', bare?.warmUp],
      ['bare INSERT + Bull', bare?.measured],
      ['GET /runs/:id/status', polls],
    ];
    return [
      '',
      `${machine.cores} cores, ${machine.memoryGib} GiB, Node ${machine.node}, ` +
        `load average at the start ${machine.loadAverageAtStart?.toFixed(2)}`,
      loadTable(loads),
      ...(submit && bare ? [comparisonTable(submit.measured, bare.measured)] : []),
      ...(submit ? [keptLine(submit.kept)] : []),
      memoryTable(memory),
    ].join('\n\n');
  }
}
