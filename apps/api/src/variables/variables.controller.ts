import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  ROUTES,
  VariableChange,
  VariableInput,
  VariableListQuery,
  VariablePage,
  VariableView,
} from '@diaken/contracts';
import { pageByName, valueColumns, VariableEntity } from '@diaken/persistence';
import { SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { unknownObjects } from '../deployments/unknown-objects';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';
import { narrowVariables } from './narrow-variables';
import { hasOwner, ownerColumns } from './variable-owners';
import { toVariableView } from './variable-view';

@ApiTags('variables')
@Controller(ROUTES.variables)
export class VariablesController {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Stores a variable for playbooks. A secret is never shown again.' })
  @Requires('variables:write')
  @Answers(201, VariableView)
  async create(@Body({ schema: VariableInput }) input: VariableInput): Promise<VariableView> {
    const { manager } = this.database;
    const { name, section, description, scope, ownerId } = input;
    const owner = ownerColumns(scope, ownerId);
    if (!(await hasOwner(manager, owner))) {
      throw unknownObjects([{ path: 'ownerId', message: `no ${scope} has the id ${ownerId}` }]);
    }
    const [id, now] = [randomUUID(), new Date()];
    const entity = manager.create(VariableEntity, {
      ...{ id, name, section, description, createdAt: now, updatedAt: now },
      ...owner,
      ...valueColumns(this.box, id, input),
    });
    await withFreeName('variable', name, manager.insert(VariableEntity, entity as never));
    return toVariableView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The variables, without the values of secrets.' })
  @Requires('variables:read')
  @Answers(200, VariablePage)
  async list(
    @Query({ schema: VariableListQuery }) query: VariableListQuery,
  ): Promise<Page<VariableView>> {
    const repository = this.database.getRepository(VariableEntity);
    const page = await pageByName(repository, query, (select) => narrowVariables(select, query));
    return { ...page, items: page.items.map(toVariableView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A variable, without the value of a secret.' })
  @Requires('variables:read')
  @Answers(200, VariableView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<VariableView> {
    return toVariableView(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Changes what the body names. Plays that have begun keep what they have.',
  })
  @Requires('variables:write')
  @Answers(200, VariableView)
  async change(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: VariableChange }) { type, value, ...change }: VariableChange,
  ): Promise<VariableView> {
    const found = await this.find(id);
    const columns = type !== undefined && valueColumns(this.box, id, { type, value });
    const update = Object.assign(new VariableEntity(), change, columns, { updatedAt: new Date() });
    const saving = this.database.manager.update(VariableEntity, { id }, update as never);
    await withFreeName('variable', change.name ?? found.name, saving);
    return toVariableView(await this.find(id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Plays that have begun keep what they have.' })
  @Requires('variables:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    const { affected } = await this.database.manager.delete(VariableEntity, { id });
    if (!affected) {
      throw notFound('variable', id);
    }
  }

  private async find(id: string): Promise<VariableEntity> {
    const variable = await this.database.manager.findOneBy(VariableEntity, { id });
    if (!variable) {
      throw notFound('variable', id);
    }
    return variable;
  }
}
