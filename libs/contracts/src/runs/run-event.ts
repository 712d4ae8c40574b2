import * as z from 'zod';
import { MAX_PAGE_SIZE } from '../paging/page';

/** Types of events, appended in the transaction that makes the change. */
export const RUN_EVENT_TYPES = [
  'run.status',
  'run.claimed',
  'run.edited',
  'step.status',
  'step.progress',
  'host.result',
] as const;
export type RunEventType = (typeof RUN_EVENT_TYPES)[number];

/** Something that happened to a run. Ids grow; read on with `?after=`. */
export const RunEvent = z
  .object({
    id: z.number().int(),
    type: z.enum(RUN_EVENT_TYPES),
    at: z.iso.datetime(),
    body: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'RunEvent' });
export type RunEvent = z.infer<typeof RunEvent>;

export const RunEventQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(MAX_PAGE_SIZE),
});
export type RunEventQuery = z.infer<typeof RunEventQuery>;

export const RunEventList = z.object({ items: z.array(RunEvent) }).meta({ id: 'RunEventList' });
