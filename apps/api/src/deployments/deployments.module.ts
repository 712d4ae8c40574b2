import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { DeploymentsController } from './deployments.controller';
import { RequestDeployment } from './request-deployment';

@Module({
  imports: [RunsModule],
  controllers: [DeploymentsController],
  providers: [RequestDeployment],
  exports: [RequestDeployment],
})
export class DeploymentsModule {}
