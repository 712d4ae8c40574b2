import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ChoicesQuery,
  InventoryPage,
  InventoryQuery,
  PlacementChoices,
  ROUTES,
} from '@diaken/contracts';
import {
  ChangesForgotten,
  inventoryPage,
  placementChoices,
  UnknownChoice,
  VCenterEntity,
} from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound, Refusal } from '../http/refusal';

const VCenterId = z.uuid();

/** What we last read of a vCenter. Asks no vCenter. */
@ApiTags('vcenters')
@Controller(ROUTES.vcenters)
export class InventoryController {
  constructor(private readonly database: DataSource) {}

  @Get(':id/inventory')
  @ApiOperation({
    summary:
      'What the vCenter has, as last read, machines included; with changedSince what has changed or gone since.',
  })
  @Requires('vcenters:read')
  @Answers(200, InventoryPage)
  async inventory(
    @Param('id', { schema: VCenterId }) id: string,
    @Query({ schema: InventoryQuery }) query: InventoryQuery,
  ): Promise<InventoryPage> {
    await this.require(id);
    try {
      return await inventoryPage(this.database, id, query);
    } catch (error) {
      throw error instanceof ChangesForgotten ? forgotten(error) : error;
    }
  }

  @Get(':id/choices')
  @ApiOperation({
    summary:
      'What a new machine can be placed on, narrowed by the datacenter and the cluster chosen so far.',
  })
  @Requires('vcenters:read')
  @Answers(200, PlacementChoices)
  async choices(
    @Param('id', { schema: VCenterId }) id: string,
    @Query({ schema: ChoicesQuery }) query: ChoicesQuery,
  ): Promise<PlacementChoices> {
    await this.require(id);
    try {
      return await placementChoices(this.database, id, query);
    } catch (error) {
      throw error instanceof UnknownChoice ? unknown(error, query) : error;
    }
  }

  private async require(id: string): Promise<void> {
    if (!(await this.database.manager.existsBy(VCenterEntity, { id }))) {
      throw notFound('vCenter', id);
    }
  }
}

function forgotten(cause: ChangesForgotten): Refusal {
  return new Refusal(
    {
      code: 'changes-forgotten',
      detail: cause.message,
      remedy: 'Read the whole inventory, without changedSince, and go on from its revision.',
    },
    { cause },
  );
}

function unknown({ field }: UnknownChoice, query: ChoicesQuery): Refusal {
  const where = field === 'cluster' && query.datacenter ? ` in ${query.datacenter}` : '';
  const message = `no ${field} has the MoRef ${query[field]}${where}`;
  return new Refusal({
    code: 'unknown-object',
    detail: `${field}: ${message}`,
    remedy: 'Take one that the choices without it list; POST /vcenters/{id}/sync reads them anew.',
    errors: [{ path: field, message }],
  });
}
