import { Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ROUTES, RunAccepted } from '@diaken/contracts';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { IdempotencyKey } from '../runs/idempotency-key';
import { RelaunchRun } from './relaunch-run';

const RunId = z.uuid();

@ApiTags('runs')
@Controller(ROUTES.runs)
export class RelaunchController {
  constructor(private readonly relaunchRun: RelaunchRun) {}

  @Post(':id/relaunch')
  @ApiOperation({ summary: 'Starts a new run with the inputs of one that has ended.' })
  @Requires('deployments:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async relaunch(
    @Caller() actor: Actor,
    @Param('id', { schema: RunId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.relaunchRun.execute(actor, id, key);
    response.location(accepted.links.self);
    return accepted;
  }
}
