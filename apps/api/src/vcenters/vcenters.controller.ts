import { randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Logger,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  InventoryPage,
  InventoryQuery,
  type Page,
  PageQuery,
  ROUTES,
  RunAccepted,
  VCenterChange,
  VCenterCreated,
  VCenterInput,
  VCenterPage,
  VCenterView,
} from '@diaken/contracts';
import {
  ChangesForgotten,
  inventoryPage,
  pageByName,
  sealVCenterPassword,
  VCenterEntity,
} from '@diaken/persistence';
import { SecretBox } from '@diaken/runtime';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { unlessInUse, withFreeName } from '../http/conflicts';
import { invalid, notFound, Refusal } from '../http/refusal';
import { IdempotencyKey } from '../runs/idempotency-key';
import { StartVCenterRun } from './start-vcenter-run';
import { VCenterViews } from './vcenter-views';

const VCenterId = z.uuid();

@ApiTags('vcenters')
@Controller(ROUTES.vcenters)
export class VCentersController {
  private readonly logger = new Logger(VCentersController.name);

  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
    private readonly startRun: StartVCenterRun,
    private readonly views: VCenterViews,
  ) {}

  @Post()
  @ApiOperation({
    summary:
      'Registers a vCenter and has its inventory read. Whether it can be reached, that run tells.',
  })
  @Requires('vcenters:write')
  @Answers(201, VCenterCreated)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: VCenterInput }) { password, ...input }: VCenterInput,
  ): Promise<VCenterCreated> {
    const id = randomUUID();
    const now = new Date();
    const entity = this.database.manager.create(VCenterEntity, {
      ...input,
      id,
      sealedPassword: sealVCenterPassword(this.box, id, password),
      syncedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await withFreeName('vCenter', input.name, this.database.manager.insert(VCenterEntity, entity));
    this.tellIfInsecure(actor, entity);
    const sync = await this.startRun.execute('sync-inventory', actor, entity);
    return { ...(await this.views.ofOne(entity)), syncRunId: sync.id };
  }

  @Get()
  @ApiOperation({ summary: 'The vCenters, without their passwords.' })
  @Requires('vcenters:read')
  @Answers(200, VCenterPage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<VCenterView>> {
    const page = await pageByName(this.database.getRepository(VCenterEntity), query);
    return { ...page, items: await this.views.of(page.items) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A vCenter, without its password.' })
  @Requires('vcenters:read')
  @Answers(200, VCenterView)
  async read(@Param('id', { schema: VCenterId }) id: string): Promise<VCenterView> {
    return this.views.ofOne(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what the body names.' })
  @Requires('vcenters:write')
  @Answers(200, VCenterView)
  async change(
    @Caller() actor: Actor,
    @Param('id', { schema: VCenterId }) id: string,
    @Body({ schema: VCenterChange }) { password, ...change }: VCenterChange,
  ): Promise<VCenterView> {
    const { url } = await this.find(id);
    if (change.url !== undefined && change.url !== url && password === undefined) {
      const message = 'must be sent again with a new url: the stored one is not for another server';
      throw invalid([{ path: 'password', message }]);
    }
    const sealed = password !== undefined && {
      sealedPassword: sealVCenterPassword(this.box, id, password),
    };
    const update = Object.assign(new VCenterEntity(), change, sealed, { updatedAt: new Date() });
    const { manager } = this.database;
    await withFreeName('vCenter', change.name ?? '', manager.update(VCenterEntity, { id }, update));
    const entity = await this.find(id);
    this.tellIfInsecure(actor, entity);
    return this.views.ofOne(entity);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Refused while hosts are in it.' })
  @Requires('vcenters:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: VCenterId }) id: string): Promise<void> {
    await unlessInUse('vCenter', this.database.manager.remove(await this.find(id)));
  }

  @Post(':id/sync')
  @ApiOperation({ summary: 'Has the inventory read anew.' })
  @Requires('vcenters:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async sync(
    @Caller() actor: Actor,
    @Param('id', { schema: VCenterId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startRun.execute('sync-inventory', actor, await this.find(id), {
      idempotencyKey: key,
    });
    response.location(accepted.links.self);
    return accepted;
  }

  @Post(':id/find-orphans')
  @ApiOperation({
    summary:
      'Has the machines looked for that runs have left behind, and the hosts whose machine is gone. Nothing is changed.',
  })
  @Requires('vcenters:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async lookForOrphans(
    @Caller() actor: Actor,
    @Param('id', { schema: VCenterId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startRun.execute('find-orphans', actor, await this.find(id), {
      idempotencyKey: key,
    });
    response.location(accepted.links.self);
    return accepted;
  }

  @Get(':id/inventory')
  @ApiOperation({ summary: 'What was last read of the vCenter.' })
  @Requires('vcenters:read')
  @Answers(200, InventoryPage)
  async inventory(
    @Param('id', { schema: VCenterId }) id: string,
    @Query({ schema: InventoryQuery }) query: InventoryQuery,
  ): Promise<InventoryPage> {
    await this.find(id);
    return unlessForgotten(inventoryPage(this.database, id, query));
  }

  private async find(id: string): Promise<VCenterEntity> {
    const vcenter = await this.database.manager.findOneBy(VCenterEntity, { id });
    if (!vcenter) {
      throw notFound('vCenter', id);
    }
    return vcenter;
  }

  private tellIfInsecure({ username }: Actor, { id, name, tls }: VCenterEntity): void {
    if (tls.mode === 'insecure') {
      this.logger.warn(
        { username, vcenterId: id, name },
        'The certificate of a vCenter is not checked',
      );
    }
  }
}

/** Changes that are not remembered any more become a refusal that says what to do. */
async function unlessForgotten<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof ChangesForgotten)) {
      throw error;
    }
    throw new Refusal(
      {
        code: 'changes-forgotten',
        detail: error.message,
        remedy: 'Read the whole inventory, without changedSince, and go on from its revision.',
      },
      { cause: error },
    );
  }
}
