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
  pageByName,
  usersOfVCenter,
  type VCenterUser,
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
  @ApiOperation({ summary: 'Refused while hosts are in it or runs work in it.' })
  @Requires('vcenters:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: VCenterId }) id: string): Promise<void> {
    const vcenter = await this.find(id);
    await this.refuseWhileUsed(vcenter);
    // A host may have been registered meanwhile.
    await unlessInUse('vCenter', this.database.manager.remove(vcenter));
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

  @Post(':id/test')
  @ApiOperation({
    summary:
      'Has a worker reach the vCenter, check its certificate, log in and see what the account may do.',
  })
  @Requires('vcenters:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async test(
    @Caller() actor: Actor,
    @Param('id', { schema: VCenterId }) id: string,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startRun.execute('test-vcenter', actor, await this.find(id), {
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

  private async find(id: string): Promise<VCenterEntity> {
    const vcenter = await this.database.manager.findOneBy(VCenterEntity, { id });
    if (!vcenter) {
      throw notFound('vCenter', id);
    }
    return vcenter;
  }

  private async refuseWhileUsed({ id, name }: VCenterEntity): Promise<void> {
    const users = await usersOfVCenter(this.database, id);
    if (users.length > 0) {
      throw new Refusal({
        code: 'still-in-use',
        detail: `The vCenter ${name} is still used by ${inWords(users)}.`,
        remedy: 'Remove those hosts first, and let those runs end or cancel them.',
      });
    }
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

/** The first of them by name: a refusal is not a list. */
function inWords(users: readonly VCenterUser[]): string {
  const most = 10;
  const named = users.slice(0, most).map(({ kind, name }) => `the ${kind} ${name}`);
  const others = users.length > most ? ` and ${users.length - most} more` : '';
  return `${named.join(', ')}${others}`;
}
