/** How long something took, ms; nearest rank. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = Float64Array.from(times).sort();
  const percentile = (percent: number) =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
  return { p50: percentile(50), p95: percentile(95), p99: percentile(99), max: percentile(100) };
}

/** The middle one of a few figures. */
export function medianOf(figures: readonly number[]): number {
  return spreadOf(figures).p50;
}

/** Does it again and again; answers how long each time took, ms. */
export async function timesOf(
  count: number,
  work: (index: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await work(index);
    times.push(performance.now() - start);
  }
  return times;
}
