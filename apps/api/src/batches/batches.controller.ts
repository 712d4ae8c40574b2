import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  BatchAccepted,
  BatchPage,
  BatchRequest,
  type BatchSummary,
  BatchView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { BatchHistory } from '@diaken/persistence';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';
import { IdempotencyKey } from '../runs/idempotency-key';
import { readBatch } from './read-batch';
import { RequestBatch } from './request-batch';

/** The types do not know it, but a body is described as an answer is. */
const asDocumented = { standardSchema: BatchRequest } as object;

@ApiTags('batches')
@Controller()
export class BatchesController {
  constructor(
    private readonly requestBatch: RequestBatch,
    private readonly history: BatchHistory,
  ) {}

  @Post(`${ROUTES.deployments}/batch`)
  @ApiOperation({
    summary:
      'Asks for many machines: all of them, or none where one is wrong. As JSON, or as CSV with the fields of a machine for columns (`hostname`, `network.address`).',
  })
  @ApiConsumes('application/json', 'text/csv')
  @ApiBody(asDocumented)
  @Requires('deployments:write')
  @HttpCode(202)
  @Answers(202, BatchAccepted)
  async create(
    @Caller() actor: Actor,
    @Body() body: unknown,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BatchAccepted> {
    const accepted = await this.requestBatch.execute(actor, await readBatch(body), key);
    response.location(accepted.link);
    return accepted;
  }

  @Get(ROUTES.batches)
  @ApiOperation({ summary: 'The batches, newest first.' })
  @Requires('runs:read')
  @Answers(200, BatchPage)
  list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<BatchSummary>> {
    return this.history.page(query);
  }

  @Get(`${ROUTES.batches}/:id`)
  @ApiOperation({
    summary: 'A batch with its runs. POST /runs/cancel with its `batchId` cancels them all.',
  })
  @Requires('runs:read')
  @Answers(200, BatchView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<BatchView> {
    const batch = await this.history.view(id);
    if (!batch) {
      throw notFound('batch', id);
    }
    return batch;
  }
}
