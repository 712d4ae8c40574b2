import type { Page } from '@diaken/contracts';
import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import * as z from 'zod';

/** PostgreSQL refuses a text with a NUL character. */
const text = z.string().refine((value) => !value.includes('\0'));

/** What the cursors of lists are made of. */
const CURSORS = {
  byName: z.tuple([text, z.uuid()]),
  byNameAndMoRef: z.tuple([text, text]),
  byRevision: z.tuple([z.string().regex(/^\d{1,9}$/), text]),
  byAddress: z.tuple([z.ipv4(), z.literal('')]),
  // PostgreSQL has no year 0.
  byTime: z.tuple([z.iso.datetime().refine((at) => at >= '0001'), z.uuid()]),
} as const;

/** A cursor that nobody can read, and that this API cannot have made. */
export class WrongCursor extends Error {
  override readonly name = 'WrongCursor';
}

/** Where the next page starts: the sort value and the id of the last row. */
export function cursorOf(value: string, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** Reads a cursor; throws `WrongCursor`. */
export function readCursor(
  cursor: string | undefined,
  form: keyof typeof CURSORS,
): readonly [string, string] | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  try {
    return CURSORS[form].parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    throw new WrongCursor('The cursor is not one that a list has answered.', { cause: error });
  }
}

/** Where a page starts, and how many rows it has. */
export interface PageWish {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of rows in the order of their names. `narrow` adds conditions; the rows are called `row` there. */
export async function pageByName<Row extends ObjectLiteral & { id: string; name: string }>(
  repository: Repository<Row>,
  { cursor, limit }: PageWish,
  narrow?: (select: SelectQueryBuilder<Row>) => void,
): Promise<Page<Row>> {
  const select = repository
    .createQueryBuilder('row')
    .orderBy('row.name', 'ASC')
    .addOrderBy('row.id', 'ASC')
    .take(limit + 1);
  narrow?.(select);
  const after = readCursor(cursor, 'byName');
  if (after) {
    select.andWhere('(row.name, row.id) > (:name, :id)', { name: after[0], id: after[1] });
  }
  const rows = await select.getMany();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? cursorOf(last.name, last.id) : null };
}
