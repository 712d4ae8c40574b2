import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HostKeyReading, ROUTES, RunAccepted } from '@diaken/contracts';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { IdempotencyKey } from '../runs/idempotency-key';
import { StartHostKeyReading } from './start-host-key-reading';

const HostId = z.uuid();

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostKeysController {
  constructor(private readonly startReading: StartHostKeyReading) {}

  @Post(':id/host-key')
  @ApiOperation({
    summary:
      'Has a worker pin the host key that the machine has now, once it is proven that it is the machine.',
  })
  @Requires('hosts:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async read(
    @Caller() actor: Actor,
    @Param('id', { schema: HostId }) id: string,
    @Body({ schema: HostKeyReading }) asked: HostKeyReading,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startReading.execute(actor, id, asked, { idempotencyKey });
    response.location(accepted.links.self);
    return accepted;
  }
}
