import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { HostImport, HostImportAnswer, HostInventoryQuery, ROUTES } from '@diaken/contracts';
import { HostShelf } from '@diaken/persistence';
import type { Response } from 'express';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { ansibleInventory } from './ansible-inventory';
import { ImportHosts } from './import-hosts';

const MEDIA_TYPES = { ini: 'text/plain', yaml: 'application/yaml', json: 'application/json' };

@ApiTags('hosts')
@Controller(ROUTES.hosts)
export class HostListsController {
  constructor(
    private readonly shelf: HostShelf,
    private readonly importHosts: ImportHosts,
  ) {}

  @Post('import')
  @ApiOperation({ summary: 'Adds the hosts of a CSV: all of them, or none.' })
  @Requires('hosts:write')
  @HttpCode(200)
  @Answers(200, HostImportAnswer)
  import(@Body({ schema: HostImport }) asked: HostImport): Promise<HostImportAnswer> {
    return this.importHosts.execute(asked);
  }

  @Get('inventory')
  @ApiOperation({ summary: 'The hosts as an inventory for Ansible, without secrets.' })
  @Requires('hosts:read')
  @ApiProduces(...Object.values(MEDIA_TYPES))
  @Answers(200, undefined, 'The inventory in the format that was asked for.')
  async inventory(
    @Query({ schema: HostInventoryQuery }) { format, ...filter }: HostInventoryQuery,
    @Res() response: Response,
  ): Promise<void> {
    const text = ansibleInventory(await this.shelf.listed(filter), format);
    const extension = format === 'yaml' ? 'yml' : format;
    response.attachment(`inventory.${extension}`).type(MEDIA_TYPES[format]).send(text);
  }
}
