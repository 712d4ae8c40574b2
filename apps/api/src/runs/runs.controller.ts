import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  isSettled,
  LogPage,
  LogQuery,
  type Page,
  ROUTES,
  RunEventList,
  RunEventQuery,
  RunListQuery,
  RunPage,
  RunStatusView,
  type RunSummary,
  RunView,
  WaitQuery,
} from '@diaken/contracts';
import { RunChanges, RunHistory } from '@diaken/persistence';
import type { Request, Response } from 'express';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';
import { streamLog } from './log-stream';
import { closed } from './request-end';

/** How long to wait for a notification before looking by ourselves, ms. */
const LOOK_EVERY_MS = 2_000;

const RunId = z.uuid();
/** Where a stream goes on; the browser's own Last-Event-ID header counts more. */
const StreamQuery = z.strictObject({ from: z.coerce.number().int().min(1).default(1) });

@ApiTags('runs')
@Controller(ROUTES.runs)
@Requires('runs:read')
export class RunsController {
  constructor(
    private readonly history: RunHistory,
    private readonly changes: RunChanges,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The history, newest first.' })
  @Answers(200, RunPage)
  list(@Query({ schema: RunListQuery }) query: RunListQuery): Promise<Page<RunSummary>> {
    return this.history.page(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A run with its steps and results.' })
  @Answers(200, RunView)
  async read(@Param('id', { schema: RunId }) id: string): Promise<RunView> {
    const run = await this.history.view(id);
    if (!run) {
      throw notFound('run', id);
    }
    return run;
  }

  @Get(':id/status')
  @ApiOperation({ summary: 'The little that changes, for polling: an unchanged run answers 304.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag that is known.' })
  @Answers(200, RunStatusView)
  @ApiResponse({ status: 304, description: 'Nothing has changed.' })
  async status(
    @Param('id', { schema: RunId }) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunStatusView | undefined> {
    const status = await this.readStatus(id);
    const tag = tagOf(status);
    response.setHeader('ETag', tag);
    response.setHeader('Cache-Control', 'private, no-cache');
    // Not Express's `fresh`: fetch() adds Cache-Control: no-cache to such a request by itself.
    if (tagsOf(request.header('If-None-Match')).includes(tag)) {
      response.status(304);
      return undefined;
    }
    return status;
  }

  @Get(':id/events')
  @ApiOperation({ summary: 'What happened after an event.' })
  @Answers(200, RunEventList)
  async events(
    @Param('id', { schema: RunId }) id: string,
    @Query({ schema: RunEventQuery }) query: RunEventQuery,
  ): Promise<z.infer<typeof RunEventList>> {
    await this.readStatus(id);
    return { items: [...(await this.history.events(id, query))] };
  }

  @Get(':id/log')
  @ApiOperation({ summary: 'Log lines from a line number on.' })
  @Answers(200, LogPage)
  async log(
    @Param('id', { schema: RunId }) id: string,
    @Query({ schema: LogQuery }) query: LogQuery,
  ): Promise<LogPage> {
    const { logLines } = await this.readStatus(id);
    return { items: [...(await this.history.log(id, query))], total: logLines };
  }

  @Get(':id/log/stream')
  @ApiOperation({
    summary:
      'The log as it grows (server-sent events; `Last-Event-ID` resumes). Ends when the run has settled.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Last line already there.' })
  @Answers(200)
  @ApiOkResponse({
    description: '`lines` events with log lines, then an `end` event with the status.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  async stream(
    @Param('id', { schema: RunId }) id: string,
    @Query({ schema: StreamQuery }) { from }: z.infer<typeof StreamQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.readStatus(id);
    const last = Number(request.header('Last-Event-ID'));
    const start = Number.isInteger(last) && last > 0 ? last + 1 : from;
    await streamLog({ history: this.history, changes: this.changes }, id, start, response);
  }

  @Get(':id/wait')
  @ApiOperation({ summary: 'Answers when the run has settled, or when the time is over.' })
  @Answers(200, RunStatusView)
  async wait(
    @Param('id', { schema: RunId }) id: string,
    @Query({ schema: WaitQuery }) { timeout }: WaitQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunStatusView> {
    const signal = AbortSignal.any([closed(response), AbortSignal.timeout(timeout * 1_000)]);
    for (;;) {
      const changed = this.changes.next(id, LOOK_EVERY_MS, signal);
      const status = await this.readStatus(id);
      if (isSettled(status.status) || signal.aborted) {
        return status;
      }
      await changed;
    }
  }

  private async readStatus(id: string): Promise<RunStatusView> {
    const status = await this.history.status(id);
    if (!status) {
      throw notFound('run', id);
    }
    return status;
  }
}

/** Changes with all that a status shows; why a run waits may change without the run. */
function tagOf({ revision, logLines, waiting }: RunStatusView): string {
  const why = waiting && createHash('sha256').update(waiting.message).digest('hex').slice(0, 12);
  return `"${revision}.${logLines}${why ? `.${why}` : ''}"`;
}

/** The entity tags that a client has, compared weakly (RFC 9110, 13.1.2). */
function tagsOf(header = ''): readonly string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
