import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  TypeOrmHealthIndicator,
} from '@nestjs/terminus';
import { ROUTES } from '@diaken/contracts';
import { Public } from '../http/access';
import { RedisHealth } from './redis-health';

/** How long a part may take to answer, ms. */
const TIMEOUT_MS = 2_000;

@ApiTags('health')
@Controller(ROUTES.health)
@Public()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly redis: RedisHealth,
  ) {}

  /** Whether the process works at all. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether it can serve: the database must answer. Without Redis, runs wait but are taken. */
  @Get('ready')
  @HealthCheck({ swaggerDocumentation: false })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database', { timeout: TIMEOUT_MS }),
      () => this.redis.check('redis', TIMEOUT_MS),
    ]);
  }
}
