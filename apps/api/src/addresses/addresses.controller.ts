import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  AddressFilter,
  AddressQuery,
  type MachineAddresses,
  MachineAddressesPage,
  type Page,
  ROUTES,
} from '@diaken/contracts';
import { everyMachineAddress, machineAddresses } from '@diaken/persistence';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { toCsv } from './addresses-csv';

@ApiTags('addresses')
@Controller(ROUTES.addresses)
@Requires('networks:read')
export class AddressesController {
  constructor(private readonly database: DataSource) {}

  @Get()
  @ApiOperation({
    summary: 'The machines of all vCenters with their adapters and addresses, as last read.',
  })
  @Answers(200, MachineAddressesPage)
  list(@Query({ schema: AddressQuery }) query: AddressQuery): Promise<Page<MachineAddresses>> {
    return machineAddresses(this.database, query);
  }

  @Get('csv')
  @ApiOperation({ summary: 'All of them as a CSV, a line for each address.' })
  @Answers(200)
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async csv(
    @Query({ schema: AddressFilter }) filter: AddressFilter,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const machines = await everyMachineAddress(this.database, filter);
    response.type('text/csv').attachment('addresses.csv');
    return toCsv(machines);
  }
}
