import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { invalid } from '../http/refusal';

const documented = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'The same key answers the same run; another request under it is refused.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
});

/** The header `Idempotency-Key`: the same key answers the same run, also in parallel. */
export const IdempotencyKey = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string | undefined => {
    const key = context.switchToHttp().getRequest<Request>().header('Idempotency-Key');
    if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) {
      const message = 'must be 1 to 200 printable characters without spaces, such as a UUID';
      throw invalid([{ path: 'Idempotency-Key', message }]);
    }
    return key;
  },
  [
    (target, method) => {
      const route = method && Object.getOwnPropertyDescriptor(target, method);
      if (route) {
        documented(target, method, route);
      }
    },
  ],
);
