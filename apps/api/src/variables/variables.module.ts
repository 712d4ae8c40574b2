import { Module } from '@nestjs/common';
import { HostVariablesController } from './host-variables.controller';
import { ImportVariables } from './import-variables';
import { VariableFilesController } from './variable-files.controller';
import { VariablesController } from './variables.controller';

@Module({
  // The files first: their paths would be taken for ids.
  controllers: [VariableFilesController, VariablesController, HostVariablesController],
  providers: [ImportVariables],
})
export class VariablesModule {}
