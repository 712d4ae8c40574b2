import * as z from 'zod';

/** How many rows a list answers when nobody says. */
export const DEFAULT_PAGE_SIZE = 50;
/** The most rows one answer carries. */
export const MAX_PAGE_SIZE = 200;

/** What every list takes: where to go on, and how many rows. */
export const PageQuery = z.strictObject({
  cursor: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'The `next` of the answer before; leave it out for the first page.' }),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A page of a list: its rows, and the cursor of the next page when there is one. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ items: z.array(row), next: z.string().nullable() });
}
export interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}
