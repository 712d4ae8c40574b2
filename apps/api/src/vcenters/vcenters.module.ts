import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { FindOrphans } from './find-orphans';
import { SynchronizeVCenter } from './synchronize';
import { VCentersController } from './vcenters.controller';

@Module({
  imports: [RunsModule],
  controllers: [VCentersController],
  providers: [FindOrphans, SynchronizeVCenter],
  exports: [FindOrphans, SynchronizeVCenter],
})
export class VCentersModule {}
