import type { ArgumentMetadata } from '@nestjs/common';
import type { FieldProblem } from '@diaken/contracts';
import type { z } from 'zod';
import { invalid } from './refusal';
import { whyUnstorable } from './unstorable';

/** What a schema, of whatever library, finds wrong. */
type Issue = Pick<z.core.$ZodIssue, 'message'> & {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
};

/** A schema of any library that keeps to Standard Schema, as Nest takes it. */
type AnySchema = NonNullable<ArgumentMetadata['schema']>;
type OutputOf<Schema extends AnySchema> = NonNullable<Schema['~standard']['types']>['output'];

/** The value as its schema reads it; `within`: where it is in the request. Throws a refusal that names every wrong field. */
export async function checked<Schema extends AnySchema>(
  schema: Schema,
  value: unknown,
  within: readonly string[] = [],
): Promise<OutputOf<Schema>> {
  const unstorable = whyUnstorable(value, within);
  if (unstorable) {
    throw invalid([unstorable]);
  }
  const result = await schema['~standard'].validate(value);
  if (result.issues) {
    throw invalid(result.issues.flatMap((issue) => fieldProblems(issue as Issue, within)));
  }
  return result.value;
}

function fieldProblems(
  { path = [], message, code, keys }: Issue,
  within: readonly string[],
): FieldProblem[] {
  const parts = path.map((part) => String(typeof part === 'object' ? part.key : part));
  const at = [...within, ...parts];
  if (code === 'unrecognized_keys' && keys) {
    return keys.map((key) => ({
      path: [...at, key].join('.'),
      message: 'is not a field of this request; remove it, or check its spelling',
    }));
  }
  return [{ path: at.join('.'), message: inPlainWords(message) }];
}

/** What Zod says by itself when a field is missing or of another type. */
function inPlainWords(message: string): string {
  const [, expected, received] =
    /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (expected === undefined) {
    return message;
  }
  return received === 'undefined'
    ? `is missing; it must be of type ${expected}`
    : `must be of type ${expected}, not ${received}`;
}
