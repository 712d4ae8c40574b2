import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  PageQuery,
  PlaybookInput,
  PlaybookPage,
  PlaybookView,
  ROUTES,
} from '@diaken/contracts';
import { pageByName, PlaybookEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';
import { refuseUnlessPlays } from './playbook-syntax';

@ApiTags('playbooks')
@Controller(ROUTES.playbooks)
export class PlaybooksController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Stores a playbook.' })
  @Requires('playbooks:write')
  @Answers(201, PlaybookView)
  async create(@Body({ schema: PlaybookInput }) input: PlaybookInput): Promise<PlaybookView> {
    refuseUnlessPlays(input.content);
    const { manager } = this.database;
    const now = new Date();
    const entity = manager.create(PlaybookEntity, {
      id: randomUUID(),
      createdAt: now,
      updatedAt: now,
      ...input,
    });
    await withFreeName('playbook', input.name, manager.insert(PlaybookEntity, entity));
    return toPlaybookView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The playbooks, without their content.' })
  @Requires('playbooks:read')
  @Answers(200, PlaybookPage)
  async list(
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Omit<PlaybookView, 'content'>>> {
    const page = await pageByName(this.database.getRepository(PlaybookEntity), query);
    return { ...page, items: page.items.map(toPlaybookRow) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A playbook with its content.' })
  @Requires('playbooks:read')
  @Answers(200, PlaybookView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<PlaybookView> {
    return toPlaybookView(await this.find(id));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Replaces the playbook. Runs that have begun keep the text they began with.',
  })
  @Requires('playbooks:write')
  @Answers(200, PlaybookView)
  async replace(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: PlaybookInput }) input: PlaybookInput,
  ): Promise<PlaybookView> {
    refuseUnlessPlays(input.content);
    const { manager } = this.database;
    const update = manager.update(PlaybookEntity, { id }, { ...input, updatedAt: new Date() });
    await withFreeName('playbook', input.name, update);
    const entity = await this.find(id);
    return toPlaybookView(entity);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Runs that wait for it will fail and say so.' })
  @Requires('playbooks:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    await this.database.manager.remove(await this.find(id));
  }

  private async find(id: string): Promise<PlaybookEntity> {
    const playbook = await this.database.manager.findOneBy(PlaybookEntity, { id });
    if (!playbook) {
      throw notFound('playbook', id);
    }
    return playbook;
  }
}

function toPlaybookRow({ id, name, description, createdAt, updatedAt }: PlaybookEntity) {
  return {
    id,
    name,
    description,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function toPlaybookView(entity: PlaybookEntity): PlaybookView {
  return { ...toPlaybookRow(entity), content: entity.content };
}
