import type { KilledRun } from './killed-run';
import type { KillPoint } from './kill-points';

/** What a number of kills came to. */
export interface Tally {
  readonly kills: number;
  readonly success: number;
  readonly failed: number;
  /** Runs that did not end, or of which nothing is known. */
  readonly lost: number;
  readonly doubleClones: number;
  readonly doublePlaybooks: number;
  /** Codes of the runs that failed. */
  readonly codes: readonly string[];
  /** From the kill to the takeover, s. */
  readonly takenOverAfter: readonly number[];
  /** From the takeover to the end, s. */
  readonly endedAfter: readonly number[];
}

export function tallyOf(runs: readonly KilledRun[]): Tally {
  const known = runs.flatMap(({ evidence }) => evidence ?? []);
  const count = (status: string) => known.filter((one) => one.status === status).length;
  return {
    kills: runs.length,
    success: count('success'),
    failed: count('failed'),
    lost: runs.length - count('success') - count('failed'),
    doubleClones: known.filter(({ machines }) => machines > 1).length,
    doublePlaybooks: known.filter((one) => one.mostPlays > 1 || one.ranInGuest > 1).length,
    codes: known.flatMap(({ failure }) => failure?.code ?? []),
    takenOverAfter: known.map((one) => one.takenOverAfter),
    endedAfter: known.map((one) => one.endedAfter),
  };
}

const HEAD = [
  'step',
  'its worker is killed when',
  'kills',
  'success',
  'failed',
  'lost',
  'double clones',
  'double playbooks',
  'kill to takeover, s: median',
  'max',
  'takeover to end, s: median',
  'max',
];

/** One row for each kill point that was used, and one for all. */
export function killTable(points: readonly KillPoint[], runs: readonly KilledRun[]): string {
  const rows = points.flatMap((point) => {
    const killed = runs.filter((run) => run.point === point);
    return killed.length > 0 ? [[point.step, point.moment, ...cells(tallyOf(killed))]] : [];
  });
  return markdown(HEAD, [...rows, ['all', '', ...cells(tallyOf(runs))]]);
}

/** The result in one line. */
export function killLine(runs: readonly KilledRun[], touchedMachines: number): string {
  const { kills, success, failed, lost, doubleClones, doublePlaybooks } = tallyOf(runs);
  return (
    `${kills} kills: ${success} success, ${failed} failed, ${lost} lost, ${doubleClones} double clones, ` +
    `${touchedMachines} foreign machines touched, ${doublePlaybooks} double playbooks.`
  );
}

/** What became of one run, to follow a long test. */
export function runLine({ point, hostname, evidence, error }: KilledRun): string {
  const end = evidence
    ? `${evidence.status} ${evidence.endedAfter.toFixed(1)} s after the takeover`
    : `nothing known: ${error}`;
  return `${hostname} ${point.step}, ${point.moment}: ${end}`;
}

function cells(tally: Tally): readonly string[] {
  const { kills, success, failed, codes, lost, doubleClones, doublePlaybooks } = tally;
  const why = codes.length > 0 ? ` (${[...new Set(codes)].join(', ')})` : '';
  return [
    ...[String(kills), String(success), `${failed}${why}`, String(lost)],
    ...[String(doubleClones), String(doublePlaybooks)],
    ...[tally.takenOverAfter, tally.endedAfter].flatMap((seconds) => [
      median(seconds).toFixed(1),
      Math.max(...seconds).toFixed(1),
    ]),
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Columns as wide as their widest cell, so that it reads well in a terminal too. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
