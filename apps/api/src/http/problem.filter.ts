import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import { type Problem, PROBLEM_CODES } from '@diaken/contracts';
import { isDatabaseAway, WrongCursor } from '@diaken/persistence';
import type { Request, Response } from 'express';
import { Refusal, type RefusalFacts } from './refusal';

/** Seconds after which a client may try again when a part of the system is away. */
const RETRY_AFTER_SECONDS = 5;

/** Turns everything that is thrown into a problem document (RFC 9457). Never shows a stack or a secret. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    const facts = factsOf(error);
    if (PROBLEM_CODES[facts.code] === 500) {
      this.logger.error(
        { err: error, requestId: request.id },
        'A request ended by an unexpected error',
      );
    }
    if (response.headersSent) {
      response.end();
      return;
    }
    const problem = problemOf(facts, request);
    if (problem.status === 503) {
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    }
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

function problemOf(
  { code, detail, remedy, errors, heldBy, usedBy }: RefusalFacts,
  request: Request,
): Problem {
  return {
    type: `urn:diaken:problem:${code}`,
    title: titleOf(code),
    status: PROBLEM_CODES[code] ?? 500,
    code,
    detail,
    ...(remedy !== undefined && { remedy }),
    ...(errors && { errors: [...errors] }),
    ...(heldBy && { heldBy }),
    ...(usedBy && { usedBy: [...usedBy] }),
    requestId: String(request.id),
  };
}

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function factsOf(error: unknown): RefusalFacts {
  if (error instanceof Refusal) {
    return error.facts;
  }
  if (error instanceof WrongCursor) {
    const detail = 'cursor: is not one that this list has answered';
    return { code: 'invalid-request', detail, remedy: 'Start again without a cursor.' };
  }
  return (isDatabaseAway(error) ? databaseAway() : factsOfHttp(error)) ?? internalError();
}

function databaseAway(): RefusalFacts {
  return {
    code: 'service-unavailable',
    detail: 'The database does not answer.',
    remedy: 'Try again in a few seconds. Nothing of this request was done.',
  };
}

function internalError(): RefusalFacts {
  return {
    code: 'internal-error',
    detail: 'Something went wrong that should not.',
    remedy: 'Try again. If it stays, look for the request id in the log of the API.',
  };
}

/** What Nest and Express refuse by themselves. */
function factsOfHttp(error: unknown): RefusalFacts | undefined {
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  switch (status) {
    case 400:
      return {
        code: 'malformed-body',
        detail: 'The body is not a JSON object, or arrived damaged.',
        remedy: 'Send one JSON object, with the header Content-Type: application/json.',
      };
    case 404:
      return {
        code: 'not-found',
        detail: 'There is nothing here.',
        remedy: 'See /api/docs for all paths.',
      };
    case 413:
      return {
        code: 'body-too-large',
        detail: 'The body is larger than 1 MiB.',
        remedy: 'Send less: no request of this API needs as much.',
      };
    case 415:
      return {
        code: 'unsupported-media-type',
        detail: 'The body is in an encoding or a character set that is not known here.',
        remedy: 'Send JSON in UTF-8.',
      };
    case 429:
      return {
        code: 'too-many-requests',
        detail: 'Too many attempts in a short time.',
        remedy: 'Wait a minute and try again.',
      };
    case 503:
      // Only the check for readiness answers so, and only the database can keep it from being ready.
      return databaseAway();
    default:
      return undefined;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;
}
