import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { InventoryController } from './inventory.controller';
import { StartVCenterRun } from './start-vcenter-run';
import { VCenterViews } from './vcenter-views';
import { VCentersController } from './vcenters.controller';

@Module({
  imports: [RunsModule],
  controllers: [VCentersController, InventoryController],
  providers: [StartVCenterRun, VCenterViews],
  exports: [StartVCenterRun],
})
export class VCentersModule {}
