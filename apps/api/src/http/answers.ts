import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { Problem } from '@diaken/contracts';
import type { z } from 'zod';

/** Documents what a route answers; every other answer is a problem. */
export function Answers(status: number, schema?: z.ZodType, description = '') {
  return applyDecorators(
    ApiResponse({ status, description, ...(schema && { standardSchema: schema }) }),
    ApiResponse({
      status: 'default',
      description: 'A problem (RFC 9457)',
      standardSchema: Problem,
    }),
  );
}
