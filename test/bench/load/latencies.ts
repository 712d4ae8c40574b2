import { type Spread, spreadOf } from '../measure/spread.ts';
import type { Answer } from './load-plan.ts';

/** How long answers took, ms. */
export interface Latencies extends Spread {
  /** By how much the generator itself sent too late at most; it is part of the figures above. */
  readonly sentLateMax: number;
  /** Longest answer of those that were due in each second: shows a stall for what it is. */
  readonly maxBySecond: readonly number[];
}

export function latenciesOf(answers: readonly Answer[], ratePerSecond: number): Latencies {
  return {
    ...spreadOf(answers.map(({ latencyMs }) => latencyMs)),
    sentLateMax: spreadOf(answers.map(({ lateMs }) => lateMs)).max,
    maxBySecond: Array.from({ length: Math.ceil(answers.length / ratePerSecond) }, (_, second) => {
      const due = answers.slice(second * ratePerSecond, (second + 1) * ratePerSecond);
      return Math.max(...due.map(({ latencyMs }) => latencyMs));
    }),
  };
}

/** How many answers had each status; 0 stands for no answer. */
export function countByStatus(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
