import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CredentialInput,
  CredentialPage,
  CredentialView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { CredentialEntity, pageByName, sealCredential } from '@diaken/persistence';
import { fingerprintOf, SecretBox, UnusableKey } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { unlessInUse, withFreeName } from '../http/conflicts';
import { invalid, notFound } from '../http/refusal';

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
    const { name, kind, username, privateKey, passphrase, becomePassword } = input;
    const id = randomUUID();
    const entity = this.database.manager.create(CredentialEntity, {
      id,
      name,
      kind,
      username,
      fingerprint: readableFingerprint(privateKey, passphrase),
      hasBecomePassword: becomePassword !== undefined,
      sealedSecrets: sealCredential(this.box, id, { privateKey, passphrase, becomePassword }),
      createdAt: new Date(),
    });
    await withFreeName('credential', name, this.database.manager.insert(CredentialEntity, entity));
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
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<CredentialView> {
    const credential = await this.database.manager.findOneBy(CredentialEntity, { id });
    if (!credential) {
      throw notFound('credential', id);
    }
    return toCredentialView(credential);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Refused while hosts need it.' })
  @Requires('credentials:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const removing = this.database.manager.delete(CredentialEntity, { id });
    const { affected } = await unlessInUse('credential', removing);
    if (!affected) {
      throw notFound('credential', id);
    }
  }
}

function readableFingerprint(privateKey: string, passphrase: string | undefined): string {
  try {
    return fingerprintOf(privateKey, passphrase);
  } catch (error) {
    if (error instanceof UnusableKey) {
      throw invalid([{ path: 'privateKey', message: error.message }]);
    }
    throw error;
  }
}

function toCredentialView(entity: CredentialEntity): CredentialView {
  const { id, name, kind, username, fingerprint, hasBecomePassword, createdAt } = entity;
  return {
    id,
    name,
    kind,
    username,
    fingerprint,
    hasBecomePassword,
    createdAt: createdAt.toISOString(),
  };
}
