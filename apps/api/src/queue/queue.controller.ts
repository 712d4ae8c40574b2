import { Body, Controller, Get, Logger, Param, Patch, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  LimitChange,
  LimitName,
  Maintenance,
  MaintenanceChange,
  QueueView,
  ROUTES,
  WorkerChange,
} from '@diaken/contracts';
import { QueueOverview, WorkerRegister } from '@diaken/persistence';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';

const WorkerId = z.uuid();

@ApiTags('queue')
@Controller(ROUTES.queue)
export class QueueController {
  private readonly logger = new Logger(QueueController.name);

  constructor(
    private readonly overview: QueueOverview,
    private readonly workers: WorkerRegister,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What waits, what goes on, who does it, and what limits it.' })
  @Requires('queue:read')
  @Answers(200, QueueView)
  read(): Promise<QueueView> {
    return this.overview.read();
  }

  @Put('maintenance')
  @ApiOperation({
    summary:
      'In maintenance no new work is started; what has begun goes on, and requests are still accepted.',
  })
  @Requires('queue:write')
  @Answers(200, Maintenance)
  async maintain(
    @Caller() { username }: Actor,
    @Body({ schema: MaintenanceChange }) { on, reason }: MaintenanceChange,
  ): Promise<Maintenance> {
    await (on ? this.overview.startMaintenance(username, reason) : this.overview.endMaintenance());
    this.logger.log({ username, on, reason }, 'Maintenance was switched');
    return (await this.overview.read()).maintenance;
  }

  @Patch('workers/:id')
  @ApiOperation({ summary: 'Changes how much a worker takes, until it is started again.' })
  @Requires('queue:write')
  @Answers(200, QueueView)
  async change(
    @Caller() { username }: Actor,
    @Param('id', { schema: WorkerId }) id: string,
    @Body({ schema: WorkerChange }) change: WorkerChange,
  ): Promise<QueueView> {
    if (!(await this.workers.change(id, change))) {
      throw notFound('worker', id);
    }
    this.logger.log({ username, workerId: id, ...change }, 'A worker was told what to take');
    return this.overview.read();
  }

  @Put('limits/:name')
  @ApiOperation({ summary: 'How many runs may be at work at once, such as at one vCenter.' })
  @Requires('queue:write')
  @Answers(200, QueueView)
  async limit(
    @Caller() { username }: Actor,
    @Param('name', { schema: LimitName }) name: string,
    @Body({ schema: LimitChange }) { limit }: LimitChange,
  ): Promise<QueueView> {
    await this.overview.setLimit(name, limit);
    this.logger.log({ username, name, limit }, 'A limit was set');
    return this.overview.read();
  }
}
