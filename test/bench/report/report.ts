import type { UnderLoad } from '../measure/under-load';
import type { SubmitFigures } from '../submit/submit';
import type { KeptRuns } from '../submit/kept-runs';
import { machineLine, machineNow, writeFigures } from './markdown';
import { comparisonTable, keptLine, loadTable, type Memory, memoryTable } from './tables';

export type Warmed = Omit<SubmitFigures, 'ids'>;

/** Everything that was measured; what is missing was not reached. */
export class Report {
  readonly machine = machineNow();
  readonly memory: Memory = {};
  submit: (Warmed & { readonly kept: KeptRuns }) | undefined;
  bare: Warmed | undefined;
  polls: UnderLoad | undefined;

  /** Prints Markdown tables, and writes each part to dist/bench as JSON. */
  async write(): Promise<void> {
    const { machine, memory, submit, bare, polls } = this;
    const parts = Object.entries({ machine, memory, submit, bare, polls });
    for (const [name, figures] of parts.filter(([, measured]) => measured !== undefined)) {
      await writeFigures(name, figures);
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
      machineLine(machine),
      loadTable(loads),
      ...(submit && bare ? [comparisonTable(submit.measured, bare.measured)] : []),
      ...(submit ? [keptLine(submit.kept)] : []),
      memoryTable(memory),
    ].join('\n\n');
  }
}
