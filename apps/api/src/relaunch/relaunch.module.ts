import { Module } from '@nestjs/common';
import { DeploymentsModule } from '../deployments/deployments.module';
import { VCentersModule } from '../vcenters/vcenters.module';
import { RelaunchController } from './relaunch.controller';
import { RelaunchRun } from './relaunch-run';

@Module({
  imports: [DeploymentsModule, VCentersModule],
  controllers: [RelaunchController],
  providers: [RelaunchRun],
})
export class RelaunchModule {}
