import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import type { LoggerOptions } from 'pino';

/** Request ids that a proxy may hand us. */
const REQUEST_ID = /^[\w.-]{1,64}$/;

/** Gives a request its id, before anything can be wrong with it. */
export function identify(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  request.id = id;
  response.setHeader('X-Request-Id', id);
  next();
}

/** Logs each request with its id; polls and health checks only when they fail. */
export function httpLogging(logger: LoggerOptions): Params {
  return {
    pinoHttp: {
      ...logger,
      customLogLevel: (request, response) => levelOf(request, response.statusCode),
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
          ...{ id, method, path: url.split('?')[0] },
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
    },
  };
}

function levelOf({ method }: IncomingMessage, status: number): 'error' | 'warn' | 'info' | 'debug' {
  if (status >= 500) {
    return 'error';
  }
  return method === 'GET' && status < 400 ? 'debug' : 'info';
}
