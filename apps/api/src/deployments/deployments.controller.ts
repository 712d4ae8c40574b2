import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeploymentRequest, ROUTES, RunAccepted } from '@diaken/contracts';
import type { Response } from 'express';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { IdempotencyKey } from '../runs/idempotency-key';
import { RequestDeployment } from './request-deployment';
import { RequestPreflight } from './request-preflight';

@ApiTags('deployments')
@Controller(ROUTES.deployments)
export class DeploymentsController {
  constructor(
    private readonly requestDeployment: RequestDeployment,
    private readonly requestPreflight: RequestPreflight,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Asks for a machine. Answers at once; the run that it names tells how it goes on.',
  })
  @Requires('deployments:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: DeploymentRequest }) request: DeploymentRequest,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.requestDeployment.execute(actor, request, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }

  @Post('preflight')
  @ApiOperation({
    summary:
      'Has a request for a machine checked, and makes and reserves nothing. The result of the run that it names has every check.',
  })
  @Requires('deployments:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async check(
    @Caller() actor: Actor,
    @Body({ schema: DeploymentRequest }) request: DeploymentRequest,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.requestPreflight.execute(actor, request, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }
}
