import * as z from 'zod';

/** Priorities of runs: 9 goes first. */
export const MAX_PRIORITY = 9;
export const DEFAULT_PRIORITY = 4;

export const RunPriority = z
  .number()
  .int()
  .min(0)
  .max(MAX_PRIORITY)
  .default(DEFAULT_PRIORITY)
  .meta({ description: '0 to 9; 9 goes first. Runs of one priority go in the order they came.' });

/** How often a run as a whole is tried, when it fails by something that may pass by itself. */
export const RunRetry = z
  .strictObject({
    attempts: z.number().int().min(1).max(10).default(1).meta({
      description: 'In all, the first one included. Each goes on at the step that failed.',
    }),
    delaySeconds: z.number().int().min(1).max(3_600).default(30).meta({
      description: 'Pause before the second attempt; spread by up to a half either way.',
    }),
    backoff: z.enum(['fixed', 'exponential']).default('exponential').meta({
      description: 'Whether the pause stays, or doubles with each attempt.',
    }),
  })
  .default({ attempts: 1, delaySeconds: 30, backoff: 'exponential' });
export type RunRetry = z.infer<typeof RunRetry>;

/** What becomes of a machine whose run has failed for good. */
export const FailurePolicy = z
  .strictObject({
    machine: z.enum(['keep', 'power-off', 'destroy']).default('keep').meta({
      description:
        '`keep` and `power-off` hold it until the run is resumed or rolled back; `destroy` rolls the run back at once.',
    }),
    destroyAfterHours: z.number().int().min(1).max(720).optional().meta({
      description: 'With `keep` or `power-off`: the run is rolled back by itself after that time.',
    }),
  })
  .refine((policy) => policy.machine !== 'destroy' || policy.destroyAfterHours === undefined, {
    error: 'is for keep and power-off; destroy happens at once',
    path: ['destroyAfterHours'],
  })
  .default({ machine: 'keep' });
export type FailurePolicy = z.infer<typeof FailurePolicy>;

/** What a run does about its own failures. */
export const RunPolicy = z.object({ retry: RunRetry, onFailure: FailurePolicy });
export type RunPolicy = z.infer<typeof RunPolicy>;
