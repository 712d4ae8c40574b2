import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { SynchronizeVCenter } from './synchronize';
import { VCentersController } from './vcenters.controller';

@Module({
  imports: [RunsModule],
  controllers: [VCentersController],
  providers: [SynchronizeVCenter],
})
export class VCentersModule {}
