import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { FieldProblem } from '@diaken/contracts';
import type { z } from 'zod';
import { invalid } from './refusal';
import { whyUnstorable } from './unstorable';

type Issue = Pick<z.core.$ZodIssue, 'message'> & {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
};

/** Checks every body, query and path parameter that names a schema; answers which fields are wrong. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { schema, type, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema) {
      return value;
    }
    // A path parameter is a text of its own; in an answer it goes by its name.
    const within = data === undefined ? [] : [data];
    if (type === 'body' && value === undefined) {
      const message =
        'is missing or not JSON; send one JSON object, with the header Content-Type: application/json';
      throw invalid([{ path: '', message }]);
    }
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
