import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdoptionRequest, HostCheck, ROUTES, RunAccepted } from '@diaken/contracts';
import { HostShelf } from '@diaken/persistence';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';
import { IdempotencyKey } from '../runs/idempotency-key';
import { archivedAlready } from './kept-hosts';
import { RequestAdoption } from './request-adoption';
import { StartHostCheck } from './start-host-check';

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostRunsController {
  constructor(
    private readonly shelf: HostShelf,
    private readonly startCheck: StartHostCheck,
    private readonly requestAdoption: RequestAdoption,
  ) {}

  @Post('adopt')
  @ApiOperation({
    summary:
      'Makes a virtual machine that there is a host, once it has proved to be that machine. Changes nothing on it.',
  })
  @Requires('hosts:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async adopt(
    @Caller() actor: Actor,
    @Body({ schema: AdoptionRequest }) asked: AdoptionRequest,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.requestAdoption.execute(actor, asked, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }

  @Post('check')
  @ApiOperation({
    summary: 'Has a worker log in to each of these hosts; the hosts show how it went.',
  })
  @Requires('hosts:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async checkMany(
    @Caller() actor: Actor,
    @Body({ schema: HostCheck }) asked: HostCheck,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startCheck.execute(actor, asked, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }

  @Post(':id/check')
  @ApiOperation({
    summary: 'Has a worker log in to the host; pins its host key if that has not been done yet.',
  })
  @Requires('hosts:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async check(
    @Caller() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const found = await this.shelf.find(id);
    if (!found) {
      throw notFound('host', id);
    }
    if (found.host.archivedAt) {
      throw archivedAlready();
    }
    const accepted = await this.startCheck.execute(actor, { ids: [id] }, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }
}
