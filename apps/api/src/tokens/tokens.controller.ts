import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ApiTokenCreated,
  ApiTokenInput,
  ApiTokenPage,
  type ApiTokenView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import { ApiTokenEntity, pageByName } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';
import { hashOfToken, newToken } from '../session/secret-token';

const DAY_MS = 24 * 60 * 60 * 1_000;

@ApiTags('tokens')
@Controller(ROUTES.tokens)
@Requires('tokens:own')
export class TokensController {
  constructor(private readonly database: DataSource) {}

  /** Makes an API token. The answer is the only one that ever shows it. */
  @Post()
  @Answers(201, ApiTokenCreated)
  async create(
    @Caller() { userId }: Actor,
    @Body({ schema: ApiTokenInput }) { name, scopes, expiresInDays }: ApiTokenInput,
  ): Promise<ApiTokenCreated> {
    const token = newToken('dkt');
    const entity = this.database.manager.create(ApiTokenEntity, {
      id: randomUUID(),
      userId,
      name,
      scopes: scopes ?? null,
      tokenHash: hashOfToken(token),
      expiresAt: new Date(Date.now() + expiresInDays * DAY_MS),
      createdAt: new Date(),
    });
    await withFreeName('token', name, this.database.manager.insert(ApiTokenEntity, entity));
    return { ...toApiTokenView(entity), token };
  }

  /** The caller's own tokens. */
  @Get()
  @Answers(200, ApiTokenPage)
  async list(
    @Caller() { userId }: Actor,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ApiTokenView>> {
    const tokens = this.database.getRepository(ApiTokenEntity);
    const page = await pageByName(tokens, query, (select) =>
      select.andWhere('row.userId = :userId', { userId }),
    );
    return { ...page, items: page.items.map(toApiTokenView) };
  }

  /** Revokes a token, at once. */
  @Delete(':id')
  @HttpCode(204)
  @Answers(204)
  async revoke(
    @Caller() { userId }: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
  ): Promise<void> {
    const { affected } = await this.database.manager.delete(ApiTokenEntity, { id, userId });
    if (!affected) {
      throw notFound('token', id);
    }
  }
}

function toApiTokenView({ id, name, scopes, expiresAt, createdAt }: ApiTokenEntity): ApiTokenView {
  return {
    id,
    name,
    scopes,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}
