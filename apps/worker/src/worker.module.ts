import { randomUUID } from 'node:crypto';
import { BullModule } from '@nestjs/bull';
import { type DynamicModule, Logger, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  databaseOptions,
  InventoryWatches,
  PostgresRunStore,
  RunActions,
  RunClaims,
  RunDecisions,
  WorkerRegister,
} from '@diaken/persistence';
import { PipelineRunner } from '@diaken/pipeline';
import { Ansible, InventoryFeed, pipelinesOf, VCenter } from '@diaken/provisioning';
import { type Configuration, loggerOptions, QUEUES, redisOptions } from '@diaken/runtime';
import { LoggerModule } from 'nestjs-pino';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from './configuration';
import { HealthController } from './health/health.controller';
import { WatchInventories } from './inventory/watch-inventories';
import { CancelListener } from './runs/cancel-listener';
import { GracefulStop } from './runs/graceful-stop';
import { processorOf } from './runs/processors';
import { Heartbeat } from './runs/heartbeat';
import { TakeRuns } from './runs/take-runs';
import { WORKER_NAME } from './runs/worker-name';
import { plugTools, type PluggedTools } from './tools';

/** A lease outlives three missed renewals. */
const LEASE = { leaseMs: 12_000, renewEveryMs: 3_000 };

const TOOLS = Symbol('tools');

const DOMAIN: Provider[] = [
  { provide: TOOLS, useFactory: plugTools, inject: [CONFIGURATION, DataSource] },
  { provide: VCenter, useFactory: ({ vcenter }: PluggedTools) => vcenter, inject: [TOOLS] },
  { provide: Ansible, useFactory: ({ ansible }: PluggedTools) => ansible, inject: [TOOLS] },
  ...[RunActions, WorkerRegister].map((Store) => ({
    provide: Store,
    useFactory: (database: DataSource) => new Store(database),
    inject: [DataSource],
  })),
  {
    provide: RunClaims,
    useFactory: (database: DataSource) =>
      new RunClaims(database, { worker: WORKER_NAME, leaseMs: LEASE.leaseMs }),
    inject: [DataSource],
  },
  {
    provide: RunDecisions,
    useFactory: ({ DATABASE_URL }: Configuration) => new RunDecisions(DATABASE_URL),
    inject: [CONFIGURATION],
  },
  {
    provide: InventoryWatches,
    useFactory: (database: DataSource) =>
      new InventoryWatches(database, `${WORKER_NAME} ${randomUUID()}`, LEASE.leaseMs),
    inject: [DataSource],
  },
  { provide: InventoryFeed, useFactory: ({ feed }: PluggedTools) => feed, inject: [TOOLS] },
  { provide: PipelineRunner, useFactory: runnerOf, inject: [DataSource, TOOLS] },
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
        BullModule.forRoot({ redis: redisOptions(configuration.REDIS_URL) }),
        BullModule.registerQueue(...QUEUES.map((name) => ({ name }))),
      ],
      controllers: [HealthController],
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        ...DOMAIN,
        TakeRuns,
        GracefulStop,
        Heartbeat,
        CancelListener,
        WatchInventories,
        ...QUEUES.map(processorOf),
      ],
    };
  }
}

function runnerOf(database: DataSource, tools: PluggedTools): PipelineRunner {
  const logger = new Logger(PipelineRunner.name);
  const store = new PostgresRunStore(database, LEASE.leaseMs);
  return new PipelineRunner(store, pipelinesOf(tools), {
    ...LEASE,
    observer: {
      unexpected: (error, where) =>
        logger.error({ err: error, ...where }, 'A step ended by an unexpected error'),
    },
  });
}
