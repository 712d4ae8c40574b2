import { Module } from '@nestjs/common';
import { DeploymentsModule } from '../deployments/deployments.module';
import { HostsModule } from '../hosts/hosts.module';
import { LibraryModule } from '../library/library.module';
import { ProjectsModule } from '../projects/projects.module';
import { VCentersModule } from '../vcenters/vcenters.module';
import { RelaunchController } from './relaunch.controller';
import { RelaunchHostRun } from './relaunch-host-run';
import { RelaunchLibraryRun } from './relaunch-library-run';
import { RelaunchRun } from './relaunch-run';

@Module({
  imports: [DeploymentsModule, VCentersModule, HostsModule, LibraryModule, ProjectsModule],
  controllers: [RelaunchController],
  providers: [RelaunchHostRun, RelaunchLibraryRun, RelaunchRun],
})
export class RelaunchModule {}
