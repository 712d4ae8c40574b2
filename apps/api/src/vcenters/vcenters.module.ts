import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { StartVCenterRun } from './start-vcenter-run';
import { VCentersController } from './vcenters.controller';

@Module({
  imports: [RunsModule],
  controllers: [VCentersController],
  providers: [StartVCenterRun],
  exports: [StartVCenterRun],
})
export class VCentersModule {}
