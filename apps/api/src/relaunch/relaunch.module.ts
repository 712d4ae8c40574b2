import { Module } from '@nestjs/common';
import { DeploymentsModule } from '../deployments/deployments.module';
import { HostsModule } from '../hosts/hosts.module';
import { LibraryModule } from '../library/library.module';
import { VCentersModule } from '../vcenters/vcenters.module';
import { RelaunchController } from './relaunch.controller';
import { RelaunchRun } from './relaunch-run';

@Module({
  imports: [DeploymentsModule, VCentersModule, HostsModule, LibraryModule],
  controllers: [RelaunchController],
  providers: [RelaunchRun],
})
export class RelaunchModule {}
