import type { Traces } from './cancel-traces';

/** What became of a run that was cancelled. */
export interface Cancelled {
  /** Where it was, and what was wished. */
  readonly held: string;
  /** From the request to the final status. */
  readonly seconds: number;
  readonly left: Traces;
  /** Whether somebody else could have its name and its address. */
  readonly freed: boolean;
}

/** Lines to print. */
export function tableOf(rows: readonly Cancelled[]): string {
  const lines = rows.map(({ held, seconds, left, freed }) => [
    held,
    seconds.toFixed(2),
    String(left.processes.length),
    String(left.machines.length),
    freed ? 'yes' : 'no',
  ]);
  return inColumns([['cancelled in', 'seconds', 'processes', 'machines', 'freed'], ...lines]);
}

/** Rows of texts as lines, the columns below each other. */
export function inColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_text, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const lines = rows.map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  '));
  return `\n${lines.join('\n')}\n\n`;
}
