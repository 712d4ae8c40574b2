import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  EnvironmentInput,
  EnvironmentPage,
  EnvironmentView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { EnvironmentEntity, pageByName } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { unlessInUse, withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';

@ApiTags('environments')
@Controller(ROUTES.environments)
export class EnvironmentsController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Makes an environment.' })
  @Requires('environments:write')
  @Answers(201, EnvironmentView)
  async create(
    @Body({ schema: EnvironmentInput }) input: EnvironmentInput,
  ): Promise<EnvironmentView> {
    const { manager } = this.database;
    const entity = manager.create(EnvironmentEntity, {
      id: randomUUID(),
      createdAt: new Date(),
      ...input,
    });
    await withFreeName('environment', input.name, manager.insert(EnvironmentEntity, entity));
    return toEnvironmentView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The environments.' })
  @Requires('environments:read')
  @Answers(200, EnvironmentPage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<EnvironmentView>> {
    const page = await pageByName(this.database.getRepository(EnvironmentEntity), query);
    return { ...page, items: page.items.map(toEnvironmentView) };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Refused while hosts are in it.' })
  @Requires('environments:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const removing = this.database.manager.delete(EnvironmentEntity, { id });
    const { affected } = await unlessInUse('environment', removing);
    if (!affected) {
      throw notFound('environment', id);
    }
  }
}

function toEnvironmentView({
  id,
  name,
  description,
  createdAt,
}: EnvironmentEntity): EnvironmentView {
  return { id, name, description, createdAt: createdAt.toISOString() };
}
