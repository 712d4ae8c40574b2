import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  AddressUse,
  AddressUseQuery,
  NetworkProfileInput,
  NetworkProfilePage,
  NetworkProfileView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { addressUse, NetworkProfileEntity, pageByName, VCenterEntity } from '@diaken/persistence';
import { DataSource, In } from 'typeorm';
import * as z from 'zod';
import { unknownObjects } from '../deployments/unknown-objects';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';

const ProfileId = z.uuid();

@ApiTags('network profiles')
@Controller(ROUTES.networkProfiles)
export class NetworkProfilesController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Describes a network, and the addresses to give out in it.' })
  @Requires('networks:write')
  @Answers(201, NetworkProfileView)
  async create(
    @Body({ schema: NetworkProfileInput }) input: NetworkProfileInput,
  ): Promise<NetworkProfileView> {
    await this.checkVCenters(input);
    const { manager } = this.database;
    const entity = manager.create(NetworkProfileEntity, {
      ...toColumns(input),
      id: randomUUID(),
      createdAt: new Date(),
    });
    await withFreeName('network profile', input.name, manager.insert(NetworkProfileEntity, entity));
    return toNetworkProfileView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The network profiles.' })
  @Requires('networks:read')
  @Answers(200, NetworkProfilePage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<NetworkProfileView>> {
    const page = await pageByName(this.database.getRepository(NetworkProfileEntity), query);
    return { ...page, items: page.items.map(toNetworkProfileView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A network profile.' })
  @Requires('networks:read')
  @Answers(200, NetworkProfileView)
  async read(@Param('id', { schema: ProfileId }) id: string): Promise<NetworkProfileView> {
    return toNetworkProfileView(await this.find(id));
  }

  @Get(':id/addresses')
  @ApiOperation({ summary: 'Who has which of its addresses, and which are free.' })
  @Requires('networks:read')
  @Answers(200, AddressUse)
  async addresses(
    @Param('id', { schema: ProfileId }) id: string,
    @Query({ schema: AddressUseQuery }) query: AddressUseQuery,
  ): Promise<AddressUse> {
    return addressUse(this.database, await this.find(id), query);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces it. Machines that there are keep what they have.' })
  @Requires('networks:write')
  @Answers(200, NetworkProfileView)
  async replace(
    @Param('id', { schema: ProfileId }) id: string,
    @Body({ schema: NetworkProfileInput }) input: NetworkProfileInput,
  ): Promise<NetworkProfileView> {
    await this.find(id);
    await this.checkVCenters(input);
    const saving = this.database.manager.update(NetworkProfileEntity, { id }, toColumns(input));
    await withFreeName('network profile', input.name, saving);
    return toNetworkProfileView(await this.find(id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Machines that there are keep what they have.' })
  @Requires('networks:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: ProfileId }) id: string): Promise<void> {
    await this.database.manager.remove(await this.find(id));
  }

  private async find(id: string): Promise<NetworkProfileEntity> {
    const profile = await this.database.manager.findOneBy(NetworkProfileEntity, { id });
    if (!profile) {
      throw notFound('network profile', id);
    }
    return profile;
  }

  private async checkVCenters({ portGroups }: NetworkProfileInput): Promise<void> {
    const ids = portGroups.map(({ vcenterId }) => vcenterId);
    const found = await this.database.manager.findBy(VCenterEntity, { id: In(ids) });
    const known = new Set(found.map(({ id }) => id));
    const missing = ids.flatMap((id, index) => {
      const path = `portGroups.${index}.vcenterId`;
      return known.has(id) ? [] : [{ path, message: `no vCenter has the id ${id}` }];
    });
    if (missing.length > 0) {
      throw unknownObjects(missing);
    }
  }
}

function toColumns(input: NetworkProfileInput): Omit<NetworkProfileEntity, 'id' | 'createdAt'> {
  const { vlan = null, gateway = null, domain = null } = input;
  return { ...input, vlan, gateway, domain };
}

function toNetworkProfileView({ createdAt, ...profile }: NetworkProfileEntity): NetworkProfileView {
  return { ...profile, createdAt: createdAt.toISOString() };
}
