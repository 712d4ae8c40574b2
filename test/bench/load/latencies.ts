import type { Answer } from './load-plan.ts';

/** How long answers took, ms; nearest rank. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** By how much the generator itself sent too late at most; it is part of the figures above. */
  readonly sentLateMax: number;
  /** Longest answer of those that were due in each second: shows a stall for what it is. */
  readonly maxBySecond: readonly number[];
}

export function latenciesOf(answers: readonly Answer[], ratePerSecond: number): Latencies {
  const sorted = sort(answers.map(({ latencyMs }) => latencyMs));
  return {
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
    sentLateMax: percentile(sort(answers.map(({ lateMs }) => lateMs)), 100),
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

function sort(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
