import type { RunView, StepView } from '@diaken/contracts';

const BAR_WIDTH = 30;
const MARKS: Record<StepView['status'], string> = {
  pending: '·',
  running: '▸',
  success: '✓',
  failed: '✗',
  skipped: '–',
  undoing: '↶',
  undone: '↶',
};

/** Shows a run's steps as they go on: redrawn in a terminal, one line per change elsewhere. */
export class RunDisplay {
  private drawnLines = 0;
  private readonly told = new Map<string, string>();

  constructor(private readonly out: NodeJS.WriteStream) {}

  show(run: RunView): void {
    if (this.out.isTTY) {
      this.redraw(run);
    } else {
      this.tellChanges(run);
    }
  }

  private redraw(run: RunView): void {
    const lines = [...run.steps.map(stepLine), '', `  ${bar(run.progress)} ${run.status}`];
    const width = this.out.columns || 80;
    const back = this.drawnLines > 0 ? `\x1b[${this.drawnLines}A` : '';
    this.out.write(back + lines.map((line) => `\x1b[2K${line.slice(0, width - 1)}\n`).join(''));
    this.drawnLines = lines.length;
  }

  private tellChanges({ steps }: RunView): void {
    for (const step of steps) {
      if (step.status !== 'pending' && this.told.get(step.name) !== step.status) {
        this.told.set(step.name, step.status);
        this.out.write(`${stepLine(step)}\n`);
      }
    }
  }
}

function stepLine(step: StepView): string {
  const { status, title, startedAt, endedAt, attempts } = step;
  const seconds =
    startedAt && endedAt
      ? `${((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000).toFixed(1)} s`
      : '';
  const detail = status === 'running' || status === 'failed' ? (step.message ?? '') : seconds;
  const again = attempts > 1 ? ` (attempt ${attempts})` : '';
  return `  ${MARKS[status]} ${title.padEnd(34)} ${detail}${again}`;
}

function bar(fraction: number): string {
  const full = Math.round(fraction * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${Math.round(fraction * 100)} %`;
}
