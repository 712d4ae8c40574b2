import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DecommissionInput, PowerInput, ROUTES, RunAccepted } from '@diaken/contracts';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { IdempotencyKey } from '../runs/idempotency-key';
import { DecommissionHost } from './decommission-host';
import { RequestPower } from './request-power';

const HostId = z.uuid();

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostActionsController {
  constructor(
    private readonly requestPower: RequestPower,
    private readonly decommissionHost: DecommissionHost,
  ) {}

  @Post(':id/power')
  @ApiOperation({ summary: 'Has the host’s machine switched on or off, reset, or suspended.' })
  @Requires('hosts:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async power(
    @Caller() actor: Actor,
    @Param('id', { schema: HostId }) id: string,
    @Body({ schema: PowerInput }) input: PowerInput,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.requestPower.execute(actor, id, input, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }

  @Post(':id/decommission')
  @ApiOperation({
    summary:
      'Has the host removed with its machine and the machine’s disks and snapshots, its name and its addresses.',
  })
  @Requires('machines:destroy')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async decommission(
    @Caller() actor: Actor,
    @Param('id', { schema: HostId }) id: string,
    @Body({ schema: DecommissionInput }) input: DecommissionInput,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.decommissionHost.execute(actor, id, input, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }
}
