import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { RunActions, RunChanges, RunHistory, RunLedger } from '@diaken/persistence';
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

/** What the features read from and write to. */
@Global()
@Module({
  imports: [QueueModule],
  providers: [
    ChangesLifecycle,
    {
      provide: RunLedger,
      useFactory: (database: DataSource) => new RunLedger(database),
      inject: [DataSource],
    },
    {
      provide: RunActions,
      useFactory: (database: DataSource) => new RunActions(database),
      inject: [DataSource],
    },
    {
      provide: RunHistory,
      useFactory: (database: DataSource) => new RunHistory(database),
      inject: [DataSource],
    },
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
  exports: [RunActions, RunLedger, RunHistory, RunChanges, SecretBox, QueueModule],
})
export class StoreModule {}
