import { z } from 'zod';

const Cursor = z.tuple([z.string(), z.string()]);

/** A cursor that nobody can read, and that this API cannot have made. */
export class WrongCursor extends Error {
  override readonly name = 'WrongCursor';
}

/** Where the next page starts: the sort value and the id of the last row. */
export function cursorOf(value: string, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** Reads a cursor; throws `WrongCursor`. */
export function readCursor(cursor: string | undefined): readonly [string, string] | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (error) {
    throw new WrongCursor('The cursor is not one that a list has answered.', { cause: error });
  }
}
