import { it } from 'vitest';

/**
 * How often every kill point is used, from `DIAKEN_FAULT_ROUNDS`; 0 is the short form: each step once, at one of its
 * points. Throws when it is no such number.
 */
export function faultRounds(given = process.env['DIAKEN_FAULT_ROUNDS'] ?? '0'): number {
  const rounds = Number(given);
  if (!Number.isInteger(rounds) || rounds < 0) {
    throw new Error(`DIAKEN_FAULT_ROUNDS must be a whole number from 0 on, not "${given}"`);
  }
  return rounds;
}

/** Declares a test of the full form. The short form does not have it at all, so that it skips none. */
export function itFully(name: string, test: () => Promise<void> | void): void {
  if (faultRounds() > 0) {
    it(name, test);
  }
}
