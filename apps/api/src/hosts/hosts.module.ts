import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { HostRunsController } from './host-runs.controller';
import { HostListsController } from './host-lists.controller';
import { HostsController } from './hosts.controller';
import { ImportHosts } from './import-hosts';
import { RequestAdoption } from './request-adoption';
import { StartHostCheck } from './start-host-check';

@Module({
  // The lists first: their paths would be taken for ids.
  controllers: [HostListsController, HostRunsController, HostsController],
  imports: [RunsModule],
  providers: [ImportHosts, StartHostCheck, RequestAdoption],
  exports: [StartHostCheck, RequestAdoption],
})
export class HostsModule {}
