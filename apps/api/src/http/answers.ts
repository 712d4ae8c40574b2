import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { Problem } from '@diaken/contracts';
import type { z } from 'zod';

const LOCATION = {
  Location: { description: 'Path of the run.', schema: { type: 'string' as const } },
};

/** Documents what a route answers; every other answer is a problem. */
export function Answers(status: number, schema?: z.ZodType, description = '') {
  return applyDecorators(
    ApiResponse({
      status,
      description,
      ...(schema && { standardSchema: schema }),
      ...(status === 202 && { headers: LOCATION }),
    }),
    ApiResponse({
      status: 'default',
      description: 'A problem (RFC 9457)',
      standardSchema: Problem,
    }),
  );
}
