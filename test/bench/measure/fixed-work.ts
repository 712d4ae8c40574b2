/** Large enough to take some fifty milliseconds. */
const ROUNDS = 300;
const ROWS = Array.from({ length: 400 }, (_, id) => ({ id, name: `row ${id}` }));

/**
 * Time that the same work takes on one core, ms, the best of five. Virtual machines become slower
 * and faster by themselves; runs can only be compared when this is about the same in both.
 */
export function fixedWorkMs(): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      JSON.stringify(JSON.parse(JSON.stringify(ROWS)));
    }
    return performance.now() - start;
  });
  return Math.min(...times);
}
