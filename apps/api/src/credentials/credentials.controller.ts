import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CredentialChange,
  CredentialInput,
  CredentialPage,
  CredentialUsage,
  CredentialView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { CredentialEntity, credentialUsers, pageByName, sealCredential } from '@diaken/persistence';
import { SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { unlessInUse, withFreeName } from '../http/conflicts';
import { notFound, stillInUse } from '../http/refusal';
import { changedCredential } from './changed-credential';
import { columnsOf } from './credential-columns';

const CredentialId = z.uuid();

@ApiTags('credentials')
@Controller(ROUTES.credentials)
export class CredentialsController {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Stores a credential. Its secrets are sealed and never shown again.' })
  @Requires('credentials:write')
  @Answers(201, CredentialView)
  async create(@Body({ schema: CredentialInput }) input: CredentialInput): Promise<CredentialView> {
    const id = randomUUID();
    const { secrets, ...columns } = columnsOf(input);
    const now = new Date();
    const entity = this.database.manager.create(CredentialEntity, {
      ...{ id, name: input.name, ...columns },
      sealedSecrets: sealCredential(this.box, id, secrets),
      ...{ createdAt: now, updatedAt: now },
    });
    const saving = this.database.manager.insert(CredentialEntity, entity);
    await withFreeName('credential', input.name, saving);
    return toCredentialView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The credentials, without their secrets.' })
  @Requires('credentials:read')
  @Answers(200, CredentialPage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<CredentialView>> {
    const page = await pageByName(this.database.getRepository(CredentialEntity), query);
    return { ...page, items: page.items.map(toCredentialView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A credential, without its secrets.' })
  @Requires('credentials:read')
  @Answers(200, CredentialView)
  async read(@Param('id', { schema: CredentialId }) id: string): Promise<CredentialView> {
    return toCredentialView(await this.find(id));
  }

  @Get(':id/usage')
  @ApiOperation({
    summary:
      'Who needs the credential: hosts, projects, blueprints, and runs that have not ended; the first 200.',
  })
  @Requires('credentials:read')
  @Answers(200, CredentialUsage)
  async usage(@Param('id', { schema: CredentialId }) id: string): Promise<CredentialUsage> {
    await this.find(id);
    return { items: await credentialUsers(this.database, id) };
  }

  @Patch(':id')
  @ApiOperation({
    summary:
      'Changes what the body names. With any secret in it all are replaced: they cannot be read back.',
  })
  @Requires('credentials:write')
  @Answers(200, CredentialView)
  async change(
    @Param('id', { schema: CredentialId }) id: string,
    @Body({ schema: CredentialChange }) change: CredentialChange,
  ): Promise<CredentialView> {
    const stored = await this.find(id);
    const { secrets, ...columns } = await changedCredential(stored, change);
    const entity = this.database.manager.create(CredentialEntity, {
      ...{ ...stored, ...columns, name: change.name ?? stored.name },
      ...(secrets && { sealedSecrets: sealCredential(this.box, id, secrets) }),
      updatedAt: new Date(),
    });
    const { id: _id, ...row } = entity;
    const saving = this.database.manager.update(CredentialEntity, { id }, row);
    await withFreeName('credential', entity.name, saving);
    return toCredentialView(entity);
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Refused while hosts, blueprints, or runs that have not ended, need it.',
  })
  @Requires('credentials:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: CredentialId }) id: string): Promise<void> {
    const { name } = await this.find(id);
    const users = await credentialUsers(this.database, id);
    if (users.length > 0) {
      throw stillInUse(`credential "${name}"`, users);
    }
    await unlessInUse('credential', this.database.manager.delete(CredentialEntity, { id }));
  }

  private async find(id: string): Promise<CredentialEntity> {
    const credential = await this.database.manager.findOneBy(CredentialEntity, { id });
    if (!credential) {
      throw notFound('credential', id);
    }
    return credential;
  }
}

function toCredentialView({
  sealedSecrets: _sealed,
  createdAt,
  updatedAt,
  ...shown
}: CredentialEntity): CredentialView {
  return { ...shown, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
