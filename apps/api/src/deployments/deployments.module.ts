import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { DeploymentsController } from './deployments.controller';
import { RequestDeployment } from './request-deployment';
import { RequestPreflight } from './request-preflight';

@Module({
  imports: [RunsModule],
  controllers: [DeploymentsController],
  providers: [RequestDeployment, RequestPreflight],
  exports: [RequestDeployment, RequestPreflight],
})
export class DeploymentsModule {}
