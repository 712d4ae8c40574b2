import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/system';

const FOLDER = join(ROOT, 'dist/bench');

/** The machine that measures, and how busy it is now. */
export function machineNow() {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverageAtStart: loadavg()[0],
  };
}

export function machineLine(machine: ReturnType<typeof machineNow>): string {
  return (
    `${machine.cores} cores, ${machine.memoryGib} GiB, Node ${machine.node}, ` +
    `load average at the start ${machine.loadAverageAtStart?.toFixed(2)}`
  );
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Writes figures to dist/bench as JSON. */
export async function writeFigures(name: string, figures: unknown): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
