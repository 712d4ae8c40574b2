import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TakeRuns } from '../runs/take-runs';

/** The worker's only pages. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DataSource,
    private readonly takeRuns: TakeRuns,
  ) {}

  /** Whether the process works at all, and what it is at. */
  @Get('live')
  live(): { status: 'ok'; activeRuns: readonly string[] } {
    return { status: 'ok', activeRuns: this.takeRuns.activeRuns };
  }

  /** Whether it can take runs: the database must answer. */
  @Get('ready')
  async ready(): Promise<{ status: 'ok' }> {
    try {
      await this.database.query('SELECT 1');
      return { status: 'ok' };
    } catch (error) {
      throw new ServiceUnavailableException('The database does not answer', { cause: error });
    }
  }
}
