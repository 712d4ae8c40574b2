import { NotFoundException } from '@nestjs/common';
import { API_PREFIX } from '@diaken/contracts';
import type { NextFunction, Request, Response } from 'express';

/** Answers what is neither a page nor below the API's prefix, where Nest answers itself. */
export function refuseUnknownPath(
  { path }: Request,
  _response: Response,
  next: NextFunction,
): void {
  const isOurs = path === API_PREFIX || path.startsWith(`${API_PREFIX}/`);
  next(isOurs ? undefined : new NotFoundException());
}
