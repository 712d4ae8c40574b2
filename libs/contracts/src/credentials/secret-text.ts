import * as z from 'zod';

/** Marks a field that the API takes and never answers; a test sends a secret through every field that has it. */
export const WRITE_ONLY = { writeOnly: true, format: 'password' } as const;

/** A password or passphrase. `what` it is for, where its name does not say. */
export function secretText(what = '') {
  return z
    .string()
    .min(1)
    .max(1_000)
    .meta({ ...WRITE_ONLY, description: `${what} Write-only.`.trim() });
}
