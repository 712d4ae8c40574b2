import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { StartVCenterRun } from './start-vcenter-run';
import { VCenterViews } from './vcenter-views';
import { VCentersController } from './vcenters.controller';

@Module({
  imports: [RunsModule],
  controllers: [VCentersController],
  providers: [StartVCenterRun, VCenterViews],
  exports: [StartVCenterRun],
})
export class VCentersModule {}
