import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HostVariables, ROUTES } from '@diaken/contracts';
import { HostShelf, type VariableOfHost, variablesOfHost } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { notFound } from '../http/refusal';
import { toVariableView } from './variable-view';

@ApiTags('variables')
@Controller(ROUTES.hosts)
export class HostVariablesController {
  constructor(
    private readonly database: DataSource,
    private readonly shelf: HostShelf,
  ) {}

  @Get(':id/variables')
  @ApiOperation({ summary: 'What a playbook on the host is told now, and where each comes from.' })
  @Requires('variables:read')
  @Answers(200, HostVariables)
  async effective(@Param('id', { schema: z.uuid() }) id: string): Promise<HostVariables> {
    if (!(await this.shelf.find(id))) {
      throw notFound('host', id);
    }
    const all = await variablesOfHost(this.database, id);
    const byName = Map.groupBy(all, ({ variable }) => variable.name);
    const items = [...byName.values()].flatMap(effectiveOf);
    return { items: items.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  }
}

/** The last one wins over those before it. */
function effectiveOf(all: readonly VariableOfHost[]): HostVariables['items'] {
  const last = all.at(-1);
  const wins = all.slice(0, -1).map(({ scope, owner }) => ({ scope, owner }));
  return last ? [{ ...toVariableView(last.variable), owner: last.owner, wins }] : [];
}
