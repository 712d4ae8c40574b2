import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { DecommissionHost } from './decommission-host';
import { HostActionsController } from './host-actions.controller';
import { HostKeysController } from './host-keys.controller';
import { HostListsController } from './host-lists.controller';
import { HostRunsController } from './host-runs.controller';
import { HostsController } from './hosts.controller';
import { ImportHosts } from './import-hosts';
import { RequestAdoption } from './request-adoption';
import { RequestPower } from './request-power';
import { StartHostCheck } from './start-host-check';
import { StartHostKeyReading } from './start-host-key-reading';

@Module({
  // The lists first: their paths would be taken for ids.
  controllers: [
    ...[HostListsController, HostRunsController, HostActionsController, HostKeysController],
    HostsController,
  ],
  imports: [RunsModule],
  providers: [
    ...[ImportHosts, StartHostCheck, StartHostKeyReading, RequestAdoption],
    ...[RequestPower, DecommissionHost],
  ],
  exports: [StartHostCheck, StartHostKeyReading, RequestAdoption],
})
export class HostsModule {}
