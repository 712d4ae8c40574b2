import { NotFoundException } from '@nestjs/common';
import { API_PREFIX } from '@diaken/contracts';
import type { NextFunction, Request, Response } from 'express';
import { Refusal } from './refusal';

/** Refuses a path that cannot be decoded, before anybody tries to and blames the body. */
export function refuseWrongPath({ path }: Request, _response: Response, next: NextFunction): void {
  next(isDecodable(path) ? undefined : wrongPath());
}

/** Answers what is neither a page nor below the API's prefix, where Nest answers itself. */
export function refuseUnknownPath(
  { path }: Request,
  _response: Response,
  next: NextFunction,
): void {
  const isOurs = path === API_PREFIX || path.startsWith(`${API_PREFIX}/`);
  next(isOurs ? undefined : new NotFoundException());
}

function isDecodable(path: string): boolean {
  try {
    // The result is used: a bundler takes a call without use for one without effect.
    return decodeURIComponent(path).length > 0;
  } catch {
    return false; // There is no other way to ask.
  }
}

function wrongPath(): Refusal {
  return new Refusal({
    code: 'invalid-request',
    detail: 'The path is not percent-encoded as RFC 3986 asks.',
    remedy: 'Encode it anew, or write % as %25.',
  });
}
