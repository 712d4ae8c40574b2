import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  HostChange,
  HostInput,
  HostListQuery,
  HostPage,
  HostView,
  type Page,
  ROUTES,
} from '@diaken/contracts';
import { type GroupedHost, HostBook, HostShelf } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { missingReferences, type References } from '../deployments/missing-references';
import { unknownObjects } from '../deployments/unknown-objects';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';
import { toHostView } from './host-view';
import { archivedAlready, keptOrRefused } from './kept-hosts';

const HostId = z.uuid();

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostsController {
  constructor(
    private readonly database: DataSource,
    private readonly book: HostBook,
    private readonly shelf: HostShelf,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Adds a machine that there is already. Whether it answers, a check tells.',
  })
  @Requires('hosts:write')
  @Answers(201, HostView)
  async create(@Body({ schema: HostInput }) input: HostInput): Promise<HostView> {
    await this.requireReferences(input);
    const [id = ''] = keptOrRefused(await this.book.add([input]));
    return toHostView(await this.find(id));
  }

  @Get()
  @ApiOperation({ summary: 'The hosts.' })
  @Requires('hosts:read')
  @Answers(200, HostPage)
  async list(@Query({ schema: HostListQuery }) query: HostListQuery): Promise<Page<HostView>> {
    const page = await this.shelf.page(query);
    return { ...page, items: page.items.map(toHostView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A host, also one that is archived.' })
  @Requires('hosts:read')
  @Answers(200, HostView)
  async read(@Param('id', { schema: HostId }) id: string): Promise<HostView> {
    return toHostView(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Changes what the body names. A pinned host key stays: another machine is refused.',
  })
  @Requires('hosts:write')
  @Answers(200, HostView)
  async change(
    @Param('id', { schema: HostId }) id: string,
    @Body({ schema: HostChange }) change: HostChange,
  ): Promise<HostView> {
    const { host, groupIds } = await this.find(id);
    if (host.archivedAt) {
      throw archivedAlready();
    }
    const { environmentId = host.environmentId } = change;
    const groups = change.groupIds ?? (environmentId === host.environmentId ? [] : groupIds);
    await this.requireReferences({ ...change, environmentId, groupIds: groups });
    keptOrRefused(await this.book.change(host, change));
    return toHostView(await this.find(id));
  }

  @Delete(':id')
  @ApiOperation({
    summary:
      'Archives the host: frees its name and address, keeps its history. Its machine stays as it is.',
  })
  @Requires('hosts:write')
  @HttpCode(204)
  @Answers(204)
  async remove(
    @Caller() { username }: Actor,
    @Param('id', { schema: HostId }) id: string,
  ): Promise<void> {
    // Archiving twice is archiving; only what was never there is missing.
    if (!(await this.book.archive(id, username))) {
      await this.find(id);
    }
  }

  private async find(id: string): Promise<GroupedHost> {
    const host = await this.shelf.find(id);
    if (!host) {
      throw notFound('host', id);
    }
    return host;
  }

  private async requireReferences(references: References): Promise<void> {
    const missing = await missingReferences(this.database.manager, references);
    if (missing.length > 0) {
      throw unknownObjects(missing);
    }
  }
}
