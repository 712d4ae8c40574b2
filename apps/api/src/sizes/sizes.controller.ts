import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Page, PageQuery, ROUTES, SizeInput, SizePage, SizeView } from '@diaken/contracts';
import { pageByName, SizeEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';

@ApiTags('sizes')
@Controller(ROUTES.sizes)
export class SizesController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Makes a size, which deployments may ask for by its name.' })
  @Requires('sizes:write')
  @Answers(201, SizeView)
  async create(@Body({ schema: SizeInput }) input: SizeInput): Promise<SizeView> {
    const { manager } = this.database;
    const entity = manager.create(SizeEntity, {
      id: randomUUID(),
      createdAt: new Date(),
      ...input,
    });
    await withFreeName('size', input.name, manager.insert(SizeEntity, entity));
    return toSizeView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The sizes.' })
  @Requires('sizes:read')
  @Answers(200, SizePage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<SizeView>> {
    const page = await pageByName(this.database.getRepository(SizeEntity), query);
    return { ...page, items: page.items.map(toSizeView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A size.' })
  @Requires('sizes:read')
  @Answers(200, SizeView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<SizeView> {
    return toSizeView(await this.find(id));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Replaces the size. Machines that were asked for with it keep the hardware it had.',
  })
  @Requires('sizes:write')
  @Answers(200, SizeView)
  async replace(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: SizeInput }) input: SizeInput,
  ): Promise<SizeView> {
    const update = this.database.manager.update(SizeEntity, { id }, input);
    await withFreeName('size', input.name, update);
    return toSizeView(await this.find(id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Machines that were asked for with it keep the hardware it had.' })
  @Requires('sizes:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    await this.database.manager.remove(await this.find(id));
  }

  private async find(id: string): Promise<SizeEntity> {
    const size = await this.database.manager.findOneBy(SizeEntity, { id });
    if (!size) {
      throw notFound('size', id);
    }
    return size;
  }
}

function toSizeView({ createdAt, ...size }: SizeEntity): SizeView {
  return { ...size, createdAt: createdAt.toISOString() };
}
