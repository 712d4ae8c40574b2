import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { FieldProblem } from '@diaken/contracts';
import type { z } from 'zod';
import { invalid } from './refusal';

type Issue = Pick<z.core.$ZodIssue, 'message'> & {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
};

/** Checks every body, query and path parameter that names a schema; answers which fields are wrong. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => invalid(issues.flatMap((issue) => fieldProblems(issue as Issue))),
  });
}

function fieldProblems({ path = [], message, code, keys }: Issue): FieldProblem[] {
  const at = path.map((part) => String(typeof part === 'object' ? part.key : part));
  if (code === 'unrecognized_keys' && keys) {
    return keys.map((key) => ({
      path: [...at, key].join('.'),
      message: 'is not a field of this request; remove it, or check its spelling',
    }));
  }
  return [{ path: at.join('.'), message }];
}
