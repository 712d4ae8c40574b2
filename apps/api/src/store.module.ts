import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import {
  HostBook,
  HostShelf,
  QueueOverview,
  RunActions,
  RunChanges,
  RunHistory,
  RunLedger,
  WorkerRegister,
} from '@diaken/persistence';
import { type Configuration, SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import { CONFIGURATION } from './configuration';
import { QueueModule } from './queue.module';

/** Opens and closes the connection that hears of changes. */
@Injectable()
class ChangesLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(RunChanges) private readonly changes: RunChanges) {}

  onModuleInit(): Promise<void> {
    return this.changes.open();
  }

  onApplicationShutdown(): Promise<void> {
    return this.changes.close();
  }
}

const STORES = [
  ...[RunLedger, RunActions, RunHistory, QueueOverview, WorkerRegister],
  ...[HostBook, HostShelf],
];

/** What the features read from and write to. */
@Global()
@Module({
  imports: [QueueModule],
  providers: [
    ChangesLifecycle,
    ...STORES.map((Store) => ({
      provide: Store,
      useFactory: (database: DataSource) => new Store(database),
      inject: [DataSource],
    })),
    {
      provide: RunChanges,
      useFactory: (configuration: Configuration) => new RunChanges(configuration.DATABASE_URL),
      inject: [CONFIGURATION],
    },
    {
      provide: SecretBox,
      useFactory: (configuration: Configuration) =>
        new SecretBox(configuration.DIAKEN_ENCRYPTION_KEYS),
      inject: [CONFIGURATION],
    },
  ],
  exports: [...STORES, RunChanges, SecretBox, QueueModule],
})
export class StoreModule {}
