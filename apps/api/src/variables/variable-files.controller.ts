import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  type FiledVariable,
  ROUTES,
  VariableExportQuery,
  VariableImport,
  VariableImportAnswer,
} from '@diaken/contracts';
import { VariableEntity } from '@diaken/persistence';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import { stringify } from 'yaml';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { ImportVariables } from './import-variables';
import { narrowVariables } from './narrow-variables';
import { OwnerDirectory } from './owner-names';
import { toVariableView } from './variable-view';

@ApiTags('variables')
@Controller(ROUTES.variables)
export class VariableFilesController {
  constructor(
    private readonly database: DataSource,
    private readonly importVariables: ImportVariables,
  ) {}

  @Post('import')
  @ApiOperation({ summary: 'Stores the variables of a file: all of them, or none.' })
  @Requires('variables:write')
  @HttpCode(200)
  @Answers(200, VariableImportAnswer)
  import(@Body({ schema: VariableImport }) asked: VariableImport): Promise<VariableImportAnswer> {
    return this.importVariables.execute(asked);
  }

  @Get('export')
  @ApiOperation({ summary: 'The variables as a file; secrets are named, but have no value there.' })
  @Requires('variables:read')
  @ApiProduces('application/json', 'application/yaml')
  @Answers(200, undefined, 'The file in the format that was asked for.')
  async export(
    @Query({ schema: VariableExportQuery }) { format, ...filter }: VariableExportQuery,
    @Res() response: Response,
  ): Promise<void> {
    const file = { variables: await this.filed(filter) };
    const isJson = format === 'json';
    response
      .attachment(isJson ? 'variables.json' : 'variables.yml')
      .type(isJson ? 'application/json' : 'application/yaml')
      .send(isJson ? `${JSON.stringify(file, null, 2)}\n` : stringify(file));
  }

  private async filed(filter: Omit<VariableExportQuery, 'format'>): Promise<FiledVariable[]> {
    const { manager } = this.database;
    const select = manager
      .createQueryBuilder(VariableEntity, 'row')
      .orderBy('row.name', 'ASC')
      .addOrderBy('row.id', 'ASC');
    narrowVariables(select, filter);
    const [variables, owners] = await Promise.all([select.getMany(), OwnerDirectory.read(manager)]);
    return variables.map((variable) => {
      const { name, type, value, section, description } = toVariableView(variable);
      return {
        ...owners.namesOf(variable),
        ...{ name, type, section, description },
        ...(type !== 'secret' && { value }),
      };
    });
  }
}
