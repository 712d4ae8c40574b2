import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  GroupChange,
  GroupInput,
  GroupListQuery,
  GroupPage,
  GroupView,
  type Page,
  ROUTES,
} from '@diaken/contracts';
import { EnvironmentEntity, GroupEntity, GroupMemberEntity, pageByName } from '@diaken/persistence';
import { DataSource, In } from 'typeorm';
import * as z from 'zod';
import { unknownObjects } from '../deployments/unknown-objects';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { unlessInUse, withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';

@ApiTags('groups')
@Controller(ROUTES.groups)
export class GroupsController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Makes a group in an environment.' })
  @Requires('hosts:write')
  @Answers(201, GroupView)
  async create(@Body({ schema: GroupInput }) input: GroupInput): Promise<GroupView> {
    const { manager } = this.database;
    const { environmentId } = input;
    if (!(await manager.existsBy(EnvironmentEntity, { id: environmentId }))) {
      const message = `no environment has the id ${environmentId}`;
      throw unknownObjects([{ path: 'environmentId', message }]);
    }
    const made = { id: randomUUID(), createdAt: new Date() };
    const entity = manager.create(GroupEntity, { ...made, ...input });
    await withFreeName('group', input.name, manager.insert(GroupEntity, entity));
    return toGroupView(entity, 0);
  }

  @Get()
  @ApiOperation({ summary: 'The groups.' })
  @Requires('hosts:read')
  @Answers(200, GroupPage)
  async list(@Query({ schema: GroupListQuery }) query: GroupListQuery): Promise<Page<GroupView>> {
    const { name, environmentId } = query;
    const page = await pageByName(this.database.getRepository(GroupEntity), query, (select) => {
      if (name !== undefined) {
        select.andWhere('strpos(lower(row.name), lower(:part)) > 0', { part: name });
      }
      if (environmentId !== undefined) {
        select.andWhere('row.environmentId = :environmentId', { environmentId });
      }
    });
    return { ...page, items: await this.views(page.items) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A group.' })
  @Requires('hosts:read')
  @Answers(200, GroupView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<GroupView> {
    return this.view(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what the body names. Its hosts are changed at the hosts.' })
  @Requires('hosts:write')
  @Answers(200, GroupView)
  async change(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: GroupChange }) change: GroupChange,
  ): Promise<GroupView> {
    const entity = Object.assign(await this.find(id), change);
    await withFreeName('group', entity.name, this.database.manager.save(entity));
    return this.view(entity);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Refused while hosts are in it. Its variables go with it.' })
  @Requires('hosts:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const removing = this.database.manager.delete(GroupEntity, { id });
    const { affected } = await unlessInUse('group', removing);
    if (!affected) {
      throw notFound('group', id);
    }
  }

  private async view(group: GroupEntity): Promise<GroupView> {
    return toGroupView(group, await this.hostsIn(group.id));
  }

  private hostsIn(groupId: string): Promise<number> {
    return this.database.manager.countBy(GroupMemberEntity, { groupId });
  }

  private async views(groups: readonly GroupEntity[]): Promise<GroupView[]> {
    const counts = await this.database.manager
      .createQueryBuilder(GroupMemberEntity, 'member')
      .select('member.groupId', 'groupId')
      .addSelect('count(*)::int', 'hosts')
      .where({ groupId: In(groups.map(({ id }) => id)) })
      .groupBy('member.groupId')
      .getRawMany<{ groupId: string; hosts: number }>();
    const hostsOf = new Map(counts.map(({ groupId, hosts }) => [groupId, hosts]));
    return groups.map((group) => toGroupView(group, hostsOf.get(group.id) ?? 0));
  }

  private async find(id: string): Promise<GroupEntity> {
    const group = await this.database.manager.findOneBy(GroupEntity, { id });
    if (!group) {
      throw notFound('group', id);
    }
    return group;
  }
}

function toGroupView(
  { id, environmentId, name, description, createdAt }: GroupEntity,
  hosts: number,
): GroupView {
  return { id, environmentId, name, description, hosts, createdAt: createdAt.toISOString() };
}
