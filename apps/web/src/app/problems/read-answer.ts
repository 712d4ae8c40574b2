import { map, type OperatorFunction } from 'rxjs';
import type { z } from 'zod';

/** Reads an answer by its schema; what does not fit is an error, not a surprise later on. */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
): OperatorFunction<unknown, z.output<Schema>> {
  return map((body) => schema.parse(body));
}
