import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CancelManyAnswer,
  CancelManyRequest,
  CancelRequest,
  ResumeRequest,
  ROUTES,
  RunAccepted,
} from '@diaken/contracts';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { CancelRuns } from './cancel-runs';
import { DecideAboutRun } from './decide-about-run';

const RunId = z.uuid();

@ApiTags('runs')
@Controller(ROUTES.runs)
@Requires('runs:write')
export class RunActionsController {
  constructor(
    private readonly decide: DecideAboutRun,
    private readonly cancelRuns: CancelRuns,
  ) {}

  @Post('cancel')
  @ApiOperation({ summary: 'Cancels every run that the filter means and that has not ended.' })
  @HttpCode(202)
  @Answers(202, CancelManyAnswer)
  cancelMany(
    @Caller() actor: Actor,
    @Body({ schema: CancelManyRequest }) request: CancelManyRequest,
  ): Promise<CancelManyAnswer> {
    return this.cancelRuns.execute(actor, request);
  }

  @Post(':id/cancel')
  @ApiOperation({
    summary:
      'Ends a run: at once while it waits, else by its worker, which undoes or keeps what it made.',
  })
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
  @ApiOperation({
    summary:
      'Goes on with a failed run at the step that failed; may change inputs that no step has used up.',
  })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  resume(
    @Caller() actor: Actor,
    @Param('id', { schema: RunId }) id: string,
    @Body({ schema: ResumeRequest }) edits: ResumeRequest,
  ): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'resume', edits });
  }

  @Post(':id/roll-back')
  @ApiOperation({
    summary: 'Undoes all that a failed or cancelled run made, and frees its name and address.',
  })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  rollBack(
    @Caller() actor: Actor,
    @Param('id', { schema: RunId }) id: string,
  ): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'roll-back' });
  }

  @Post(':id/keep')
  @ApiOperation({ summary: 'Keeps what a failed run made, instead of rolling back in time.' })
  @HttpCode(202)
  @Answers(202, RunAccepted)
  keep(@Caller() actor: Actor, @Param('id', { schema: RunId }) id: string): Promise<RunAccepted> {
    return this.decide.execute(actor, id, { action: 'keep' });
  }
}
