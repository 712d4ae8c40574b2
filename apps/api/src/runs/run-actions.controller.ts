import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CancelRequest, ROUTES, RunAccepted } from '@diaken/contracts';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { DecideAboutRun } from './decide-about-run';

const RunId = z.uuid();

@ApiTags('runs')
@Controller(ROUTES.runs)
@Requires('runs:write')
export class RunActionsController {
  constructor(private readonly decide: DecideAboutRun) {}

  @Post(':id/cancel')
  @ApiOperation({ summary: 'Ends a run that waits or goes on, and undoes or keeps what it made.' })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  cancel(
    @Caller() actor: Actor,
    @Param('id', { schema: RunId }) id: string,
    @Body({ schema: CancelRequest }) { machine }: CancelRequest,
  ): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'cancel', machine });
  }

  @Post(':id/resume')
  @ApiOperation({ summary: 'Goes on with a failed run at the step that failed.' })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  resume(@Caller() actor: Actor, @Param('id', { schema: RunId }) id: string): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'resume' });
  }

  @Post(':id/roll-back')
  @ApiOperation({ summary: 'Undoes all that a failed run made, and frees its name and address.' })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  rollBack(
    @Caller() actor: Actor,
    @Param('id', { schema: RunId }) id: string,
  ): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'roll-back' });
  }
}
