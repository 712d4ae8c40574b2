import type { FieldProblem } from '@diaken/contracts';
import { Refusal } from '../http/refusal';

/** Refuses ids and names that nothing has. */
export function unknownObjects(errors: readonly FieldProblem[]): Refusal {
  const [first] = errors;
  return new Refusal({
    code: 'unknown-object',
    detail: `${first?.path}: ${first?.message}`,
    remedy:
      'Correct the fields named in errors; the list of each noun shows the ids that there are.',
    errors,
  });
}
