import { Module } from '@nestjs/common';
import { BatchHistory, BatchLedger, RunHistory } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import { DeploymentsModule } from '../deployments/deployments.module';
import { BatchesController } from './batches.controller';
import { RequestBatch } from './request-batch';

@Module({
  imports: [DeploymentsModule],
  controllers: [BatchesController],
  providers: [
    RequestBatch,
    {
      provide: BatchLedger,
      useFactory: (database: DataSource) => new BatchLedger(database),
      inject: [DataSource],
    },
    {
      provide: BatchHistory,
      useFactory: (database: DataSource, runs: RunHistory) => new BatchHistory(database, runs),
      inject: [DataSource, RunHistory],
    },
  ],
})
export class BatchesModule {}
