import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { HostChecksController } from './host-checks.controller';
import { HostListsController } from './host-lists.controller';
import { HostsController } from './hosts.controller';
import { ImportHosts } from './import-hosts';
import { StartHostCheck } from './start-host-check';

@Module({
  // The lists first: their paths would be taken for ids.
  controllers: [HostListsController, HostChecksController, HostsController],
  imports: [RunsModule],
  providers: [ImportHosts, StartHostCheck],
  exports: [StartHostCheck],
})
export class HostsModule {}
