import { HttpErrorResponse } from '@angular/common/http';
import { type FieldProblem, Problem } from '@diaken/contracts';
import * as z from 'zod';

/** What went wrong, as a person reads it: the cause, and what to do about it. */
export interface ShownProblem {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code?: string;
  readonly detail: string;
  readonly remedy?: string | undefined;
  readonly errors: readonly FieldProblem[];
  readonly requestId?: string | undefined;
}

/** A problem document, also one with a code that is newer than this page. */
const ReceivedProblem = Problem.extend({ code: z.string() });

/** Reads whatever was thrown into something to show. */
export function toShownProblem(error: unknown): ShownProblem {
  if (error instanceof HttpErrorResponse) {
    return readAnswer(error);
  }
  if (error instanceof z.ZodError) {
    return {
      status: 200,
      detail: 'The server sent an answer that this page cannot read.',
      remedy: 'Reload the page: the server may have been updated.',
      errors: [],
    };
  }
  // Resources wrap what their stream threw.
  if (error instanceof Error && error.cause !== undefined) {
    return toShownProblem(error.cause);
  }
  return {
    status: 0,
    detail: 'Something unexpected went wrong in this page.',
    remedy: 'Reload the page; if it happens again, tell your administrator.',
    errors: [],
  };
}

/** Whether asking again later may help: no answer at all, or a server in trouble. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof HttpErrorResponse)) {
    return false;
  }
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

function readAnswer(error: HttpErrorResponse): ShownProblem {
  const { data } = ReceivedProblem.safeParse(error.error);
  if (data) {
    const { status, code, detail, remedy, errors = [], requestId } = data;
    return { status, code, detail, remedy, errors, requestId };
  }
  if (error.status === 0) {
    return {
      status: 0,
      detail: 'The server does not answer.',
      remedy: 'Check your network connection and try again.',
      errors: [],
    };
  }
  return {
    status: error.status,
    detail: `The server answered with an error (${error.status}).`,
    remedy: 'Try again; if it happens again, tell your administrator.',
    errors: [],
  };
}
