import * as z from 'zod';

/** The most lines one answer carries. */
export const MAX_LOG_LINES = 5_000;

/** One line of a run's log. Line numbers start at 1 and have no gaps. */
export const LogLine = z
  .object({
    line: z.number().int().min(1),
    at: z.iso.datetime(),
    step: z.string(),
    text: z.string().meta({ description: 'As printed, colour codes included; never HTML.' }),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof LogLine>;

export const LogQuery = z.strictObject({
  from: z.coerce.number().int().min(1).default(1).meta({ description: 'First line wanted.' }),
  limit: z.coerce.number().int().min(1).max(MAX_LOG_LINES).default(1_000),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const LogPage = z
  .object({
    items: z.array(LogLine),
    total: z.number().int().meta({ description: 'Lines stored so far.' }),
  })
  .meta({ id: 'LogPage' });
export type LogPage = z.infer<typeof LogPage>;
