import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  EnvironmentChange,
  EnvironmentInput,
  EnvironmentListQuery,
  EnvironmentPage,
  EnvironmentView,
  type Page,
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
  async list(
    @Query({ schema: EnvironmentListQuery }) query: EnvironmentListQuery,
  ): Promise<Page<EnvironmentView>> {
    const { name } = query;
    const page = await pageByName(
      this.database.getRepository(EnvironmentEntity),
      query,
      (select) => {
        if (name !== undefined) {
          select.andWhere('strpos(lower(row.name), lower(:part)) > 0', { part: name });
        }
      },
    );
    return { ...page, items: page.items.map(toEnvironmentView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'An environment.' })
  @Requires('environments:read')
  @Answers(200, EnvironmentView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<EnvironmentView> {
    return toEnvironmentView(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what the body names.' })
  @Requires('environments:write')
  @Answers(200, EnvironmentView)
  async change(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: EnvironmentChange }) change: EnvironmentChange,
  ): Promise<EnvironmentView> {
    const entity = Object.assign(await this.find(id), change);
    await withFreeName('environment', entity.name, this.database.manager.save(entity));
    return toEnvironmentView(entity);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Refused while hosts or groups are in it. Its variables go with it.' })
  @Requires('environments:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const removing = this.database.manager.delete(EnvironmentEntity, { id });
    const { affected } = await unlessInUse('environment', removing, 'hosts or groups');
    if (!affected) {
      throw notFound('environment', id);
    }
  }

  private async find(id: string): Promise<EnvironmentEntity> {
    const environment = await this.database.manager.findOneBy(EnvironmentEntity, { id });
    if (!environment) {
      throw notFound('environment', id);
    }
    return environment;
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
