import { CONCURRENCY } from '../bounds';
import type { ProcessWork } from '../measure/process-work';
import { medianOf } from '../measure/spread';
import { machineLine, machineNow, table, writeFigures } from '../report/markdown';
import type { Together } from './measure-together';

/** One deployment; as many bare chains of calls to vCenter as there will be deployments; these. */
export interface Round {
  readonly alone: Together;
  readonly bare: ProcessWork;
  readonly many: Together;
}

/** Everything that was measured of deployments at once. */
export class ConcurrencyReport {
  readonly machine = machineNow();
  readonly rounds: Round[] = [];

  /** Wall time of many by one deployment's chain of outside waits, of each round. */
  get ratios(): readonly number[] {
    return this.rounds.map(({ alone, many }) => many.wallMs / alone.chainMs);
  }

  /** Wall time of many by that of as many bare chains. */
  get byBare(): readonly number[] {
    return this.rounds.map(({ bare, many }) => many.wallMs / bare.wallMs);
  }

  /** Prints Markdown tables, and writes the figures to dist/bench/concurrency.json. */
  async write(): Promise<void> {
    await writeFigures('concurrency', this);
    const { machine, rounds, ratios, byBare } = this;
    const last = rounds.at(-1);
    const { runs, taskMs, ratio } = CONCURRENCY;
    const parts = [
      `${machineLine(machine)}. Tasks of vCenter take ${taskMs} ms, and are looked at once a second.`,
      roundsTable(rounds),
      `Wall time of ${runs} by the outside waits of one: ${shown(ratios)}. Bound: ${ratio}.`,
      `Wall time of ${runs} by that of ${runs} bare chains: ${shown(byBare)}.`,
      last && stepsTable(last),
      last && callsTable(last),
    ];
    console.log(`\n${parts.filter(Boolean).join('\n\n')}`);
  }
}

function roundsTable(rounds: readonly Round[]): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(2);
  const machine = ({ cpuMs, coresTakenByOthers, fixedWorkMs }: ProcessWork, count: number) => [
    ...['bench', 'postgres', 'vcenter'].map((part) => ((cpuMs[part] ?? 0) / count).toFixed(0)),
    ...[coresTakenByOthers.toFixed(2), fixedWorkMs.toFixed(0)],
  ];
  const row = (each: Together) => [
    each.count === 1 ? 'one deployment' : `${each.count} deployments`,
    ...[each.wallMs, each.claimedMs, each.chainMs].map(seconds),
    (callsOf(each) / each.count).toFixed(1),
    ...[each.transactions, each.statements].map((asked) => (asked / each.count).toFixed(0)),
    each.stallMs.toFixed(0),
    ...machine(each.took, each.count),
  ];
  const bareRow = (bare: ProcessWork, count: number) => [
    ...[`${count} bare chains`, seconds(bare.wallMs), '', '', '', '', '', ''],
    ...machine(bare, count),
  ];
  return table(
    [
      ...['', 'wall s', 'all taken after s', 'outside waits of one, s', 'calls to vCenter each'],
      ...['transactions each', 'statements each', 'longest stall ms', 'CPU ms each: worker'],
      ...['PostgreSQL', 'vCenter', 'cores taken by others', 'fixed work ms'],
    ],
    rounds.flatMap(({ alone, bare, many }) => [row(alone), bareRow(bare, many.count), row(many)]),
  );
}

function shown(ratios: readonly number[]): string {
  const each = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  return `${each}; median ${medianOf(ratios).toFixed(2)}`;
}

function stepsTable({ alone, many }: Round): string {
  const rows = Object.entries(many.stepMs).map(([name, ms]) => [
    name,
    (alone.stepMs[name] ?? Number.NaN).toFixed(0),
    ms.toFixed(0),
  ]);
  return table(['step', 'alone ms', `median of ${many.count} ms`], rows);
}

function callsTable({ alone, many }: Round): string {
  const methods = [...new Set([alone, many].flatMap(({ calls }) => Object.keys(calls)))].sort();
  const each = ({ calls, count }: Together, method: string) =>
    ((calls[method] ?? 0) / count).toFixed(2);
  const rows = methods.map((method) => [method, each(alone, method), each(many, method)]);
  return table(['calls to vCenter for each deployment', 'alone', `of ${many.count}`], rows);
}

function callsOf({ calls }: Together): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}
