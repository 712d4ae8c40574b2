import { hostname } from 'node:os';
import { BullModule, getQueueToken } from '@nestjs/bull';
import { type DynamicModule, Logger, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { databaseOptions, PostgresRunStore, RunLedger } from '@diaken/persistence';
import { PipelineRunner } from '@diaken/pipeline';
import { Ansible, pipelinesOf, VCenter } from '@diaken/provisioning';
import {
  BullRunQueue,
  type Configuration,
  loggerOptions,
  QUEUES,
  redisOptions,
  type RunJob,
  RunQueue,
} from '@diaken/runtime';
import type { Queue } from 'bull';
import { LoggerModule } from 'nestjs-pino';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from './configuration';
import { HealthController } from './health/health.controller';
import { AdvanceRun } from './runs/advance-run';
import { GracefulStop } from './runs/graceful-stop';
import { processorOf } from './runs/processors';
import { Sweeper } from './runs/sweeper';
import { plugTools, type PluggedTools } from './tools';

/** A lease outlives four missed renewals. */
const LEASE = { leaseMs: 20_000, renewEveryMs: 4_000 };

/** Bull must never take a job for lost only because the worker is busy; the run's own lease is what counts. */
const BULL = {
  lockDuration: 120_000,
  lockRenewTime: 30_000,
  stalledInterval: 60_000,
  maxStalledCount: 1,
};

/** Reading inventories is rare and short. */
const MAINTENANCE_CONCURRENCY = 2;

const TOOLS = Symbol('tools');

const DOMAIN: Provider[] = [
  { provide: TOOLS, useFactory: plugTools, inject: [CONFIGURATION, DataSource] },
  { provide: VCenter, useFactory: ({ vcenter }: PluggedTools) => vcenter, inject: [TOOLS] },
  { provide: Ansible, useFactory: ({ ansible }: PluggedTools) => ansible, inject: [TOOLS] },
  {
    provide: RunLedger,
    useFactory: (database: DataSource) => new RunLedger(database),
    inject: [DataSource],
  },
  { provide: PipelineRunner, useFactory: runnerOf, inject: [DataSource, TOOLS] },
  {
    provide: RunQueue,
    useFactory: (...queues: Queue<RunJob>[]) =>
      new BullRunQueue(new Map(queues.map((queue, index) => [QUEUES[index] ?? QUEUES[0], queue]))),
    inject: QUEUES.map((name) => getQueueToken(name)),
  },
];

/** The worker: queues, pipelines and the adapters below them. */
@Module({})
export class WorkerModule {
  static with(configuration: Configuration): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            ...loggerOptions(configuration.DIAKEN_LOG_LEVEL, 'worker'),
            autoLogging: false,
          },
        }),
        TypeOrmModule.forRoot({ ...databaseOptions(configuration.DATABASE_URL), retryAttempts: 5 }),
        BullModule.forRoot({ redis: redisOptions(configuration.REDIS_URL), settings: BULL }),
        BullModule.registerQueue(...QUEUES.map((name) => ({ name }))),
      ],
      controllers: [HealthController],
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        ...DOMAIN,
        AdvanceRun,
        GracefulStop,
        Sweeper,
        processorOf('deployments', configuration.DIAKEN_WORKER_CONCURRENCY),
        processorOf('maintenance', MAINTENANCE_CONCURRENCY),
      ],
    };
  }
}

function runnerOf(database: DataSource, tools: PluggedTools): PipelineRunner {
  const logger = new Logger(PipelineRunner.name);
  const store = new PostgresRunStore(database, {
    worker: `${hostname()}:${process.pid}`,
    leaseMs: LEASE.leaseMs,
  });
  return new PipelineRunner(store, pipelinesOf(tools), {
    ...LEASE,
    observer: {
      unexpected: (error, where) =>
        logger.error({ err: error, ...where }, 'A step ended by an unexpected error'),
    },
  });
}
