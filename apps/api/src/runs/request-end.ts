import type { Response } from 'express';

/** Aborted when the client has gone away. */
export function closed(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
