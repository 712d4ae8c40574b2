import type { FieldProblem, Holder, ProblemCode } from '@diaken/contracts';

/** What a request that cannot be served is answered. */
export interface RefusalFacts {
  readonly code: ProblemCode;
  /** The cause, in plain words. */
  readonly detail: string;
  readonly remedy?: string;
  readonly errors?: readonly FieldProblem[];
  readonly heldBy?: Holder;
  readonly usedBy?: readonly Holder[];
}

/** An expected "no": becomes a problem document with the status of its code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly facts: RefusalFacts,
    options?: ErrorOptions,
  ) {
    super(facts.detail, options);
  }
}

/** For something that a path names and that is not there. */
export function notFound(what: string, id: string): Refusal {
  return new Refusal({
    code: 'not-found',
    detail: `There is no ${what} ${id}.`,
    remedy: 'Check the id; the list of this noun shows those that there are.',
  });
}

/** Fields that are wrong. */
export function invalid(errors: readonly FieldProblem[]): Refusal {
  const [first, ...others] = errors;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return new Refusal({
    code: 'invalid-request',
    detail: first
      ? `${first.path || 'The body'}: ${first.message}${more}`
      : 'The request is wrong.',
    remedy:
      'Correct the fields named in errors and send the request again; /api/docs describes them.',
    errors,
  });
}

/** For something that was to go and that others still need. */
export function stillInUse(what: string, usedBy: readonly Holder[]): Refusal {
  const [first, ...others] = usedBy;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return new Refusal({
    code: 'still-in-use',
    detail: `The ${what} is still used by the ${first?.type} ${first?.name}${more}.`,
    remedy: 'Let the runs in usedBy end, and give the others there something else to use first.',
    usedBy,
  });
}
