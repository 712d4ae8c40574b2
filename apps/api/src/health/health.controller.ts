import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { ROUTES } from '@diaken/contracts';
import * as z from 'zod';
import { Public } from '../http/access';
import { Answers } from '../http/answers';
import { RedisHealth } from './redis-health';

/** How long a part may take to answer, ms. */
const TIMEOUT_MS = 2_000;

const Alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' });
const Readiness = z
  .object({
    status: z.literal('ok'),
    details: z.record(z.string(), z.object({ status: z.string() })),
  })
  .meta({ id: 'Readiness' });

@ApiTags('health')
@Controller(ROUTES.health)
@Public()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly redis: RedisHealth,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process works at all.' })
  @Answers(200, Alive)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary:
      'Whether it can serve: the database must answer. Without Redis, runs wait but are taken.',
  })
  @Answers(200, Readiness)
  @HealthCheck({ noCache: true, swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database', { timeout: TIMEOUT_MS }),
      () => this.redis.check('redis', TIMEOUT_MS),
    ]);
  }
}
