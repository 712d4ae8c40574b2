import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HostListQuery, HostPage, HostView, type Page, ROUTES } from '@diaken/contracts';
import { HostEntity, pageByName } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostsController {
  constructor(private readonly database: DataSource) {}

  @Get()
  @ApiOperation({ summary: 'The hosts.' })
  @Requires('hosts:read')
  @Answers(200, HostPage)
  async list(@Query({ schema: HostListQuery }) query: HostListQuery): Promise<Page<HostView>> {
    const { name } = query;
    const page = await pageByName(this.database.getRepository(HostEntity), query, (select) => {
      if (name !== undefined) {
        select.andWhere('strpos(row.name, lower(:part)) > 0', { part: name });
      }
    });
    return { ...page, items: page.items.map(toHostView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A host.' })
  @Requires('hosts:read')
  @Answers(200, HostView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<HostView> {
    const host = await this.database.manager.findOneBy(HostEntity, { id });
    if (!host) {
      throw notFound('host', id);
    }
    return toHostView(host);
  }

  @Delete(':id')
  @ApiOperation({
    summary:
      'Forgets the host and frees its name and address. Its machine in vCenter stays as it is.',
  })
  @Requires('hosts:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const { affected } = await this.database.manager.delete(HostEntity, { id });
    if (!affected) {
      throw notFound('host', id);
    }
  }
}

function toHostView({ createdAt, ...host }: HostEntity): HostView {
  return { ...host, createdAt: createdAt.toISOString() };
}
