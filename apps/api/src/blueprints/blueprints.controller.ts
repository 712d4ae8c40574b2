import { randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  BlueprintDeployment,
  BlueprintInput,
  BlueprintPage,
  BlueprintView,
  type Page,
  PageQuery,
  ROUTES,
  RunAccepted,
} from '@diaken/contracts';
import { BlueprintEntity, pageByName } from '@diaken/persistence';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { RequestDeployment } from '../deployments/request-deployment';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';
import { IdempotencyKey } from '../runs/idempotency-key';
import { composeRequest } from './compose-request';

const BlueprintId = z.uuid();

@ApiTags('blueprints')
@Controller(ROUTES.blueprints)
export class BlueprintsController {
  constructor(
    private readonly database: DataSource,
    private readonly requestDeployment: RequestDeployment,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Saves a machine that can be deployed with a name only.' })
  @Requires('blueprints:write')
  @Answers(201, BlueprintView)
  async create(@Body({ schema: BlueprintInput }) input: BlueprintInput): Promise<BlueprintView> {
    const { manager } = this.database;
    const now = new Date();
    const entity = manager.create(BlueprintEntity, {
      ...{ ...input, id: randomUUID(), createdAt: now, updatedAt: now },
    });
    await withFreeName('blueprint', input.name, manager.save(entity));
    return toBlueprintView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The blueprints.' })
  @Requires('blueprints:read')
  @Answers(200, BlueprintPage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<BlueprintView>> {
    const page = await pageByName(this.database.getRepository(BlueprintEntity), query);
    return { ...page, items: page.items.map(toBlueprintView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A blueprint.' })
  @Requires('blueprints:read')
  @Answers(200, BlueprintView)
  async read(@Param('id', { schema: BlueprintId }) id: string): Promise<BlueprintView> {
    return toBlueprintView(await this.find(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces it. Machines that there are stay as they are.' })
  @Requires('blueprints:write')
  @Answers(200, BlueprintView)
  async replace(
    @Param('id', { schema: BlueprintId }) id: string,
    @Body({ schema: BlueprintInput }) input: BlueprintInput,
  ): Promise<BlueprintView> {
    const entity = Object.assign(await this.find(id), input, { updatedAt: new Date() });
    await withFreeName('blueprint', input.name, this.database.manager.save(entity));
    return toBlueprintView(entity);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Machines that there are stay as they are.' })
  @Requires('blueprints:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: BlueprintId }) id: string): Promise<void> {
    await this.database.manager.remove(await this.find(id));
  }

  @Post(':id/deploy')
  @ApiOperation({
    summary:
      'Asks for a machine as the blueprint describes it, with a name and what it lets choose.',
  })
  @Requires('deployments:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async deploy(
    @Caller() actor: Actor,
    @Param('id', { schema: BlueprintId }) id: string,
    @Body({ schema: BlueprintDeployment }) deployment: BlueprintDeployment,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const request = await composeRequest(await this.find(id), deployment);
    const accepted = await this.requestDeployment.execute(actor, request, { idempotencyKey: key });
    response.location(accepted.links.self);
    return accepted;
  }

  private async find(id: string): Promise<BlueprintEntity> {
    const blueprint = await this.database.manager.findOneBy(BlueprintEntity, { id });
    if (!blueprint) {
      throw notFound('blueprint', id);
    }
    return blueprint;
  }
}

function toBlueprintView({
  createdAt,
  updatedAt,
  choices,
  ...blueprint
}: BlueprintEntity): BlueprintView {
  return {
    ...blueprint,
    choices: Object.fromEntries(
      Object.entries(choices).map(([field, values]) => [field, [...values]]),
    ),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
