import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiTokenCreated,
  ApiTokenInput,
  ApiTokenPage,
  type ApiTokenView,
  type Page,
  PageQuery,
  type Permission,
  permissionsOf,
  ROUTES,
} from '@diaken/contracts';
import { ApiTokenEntity, pageByName } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound, Refusal } from '../http/refusal';
import { hashOfToken, newToken } from '../session/secret-token';

const DAY_MS = 24 * 60 * 60 * 1_000;

@ApiTags('tokens')
@Controller(ROUTES.tokens)
@Requires('tokens:own')
export class TokensController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({ summary: 'Makes an API token. The answer is the only one that ever shows it.' })
  @Answers(201, ApiTokenCreated)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: ApiTokenInput }) { name, scopes, expiresInDays }: ApiTokenInput,
  ): Promise<ApiTokenCreated> {
    refuseMoreThan(actor, scopes);
    const { userId } = actor;
    const token = newToken('dkt');
    const entity = this.database.manager.create(ApiTokenEntity, {
      id: randomUUID(),
      userId,
      name,
      scopes: scopes ?? scopesOf(actor),
      tokenHash: hashOfToken(token),
      expiresAt: new Date(Date.now() + expiresInDays * DAY_MS),
      createdAt: new Date(),
    });
    await withFreeName('token', name, this.database.manager.insert(ApiTokenEntity, entity));
    return { ...toApiTokenView(entity), token };
  }

  @Get()
  @ApiOperation({ summary: "The caller's own tokens." })
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

  @Delete(':id')
  @ApiOperation({ summary: 'Revokes a token, at once.' })
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

/** A token must not make a token that may more than itself. */
function refuseMoreThan(
  { permissions, username }: Actor,
  scopes: readonly Permission[] = [],
): void {
  const errors = scopes.flatMap((scope, index) =>
    permissions.includes(scope)
      ? []
      : [{ path: `scopes.${index}`, message: `${scope} is more than ${username} may here` }],
  );
  if (errors.length > 0) {
    throw new Refusal({
      code: 'not-allowed',
      detail: 'A token cannot be given more than its maker may.',
      remedy: 'Leave out the scopes named in errors, or sign in as somebody who may more.',
      errors,
    });
  }
}

/** What a token without scopes may: all that its owner may, or no more than the token that makes it. */
function scopesOf({ permissions, role }: Actor): Permission[] | null {
  return permissions.length < permissionsOf(role).length ? [...permissions] : null;
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
