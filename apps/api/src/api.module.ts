import { BullModule } from '@nestjs/bull';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { databaseOptions } from '@diaken/persistence';
import { type Configuration, loggerOptions, redisOptions } from '@diaken/runtime';
import { LoggerModule } from 'nestjs-pino';
import { AddressesModule } from './addresses/addresses.module';
import { BatchesModule } from './batches/batches.module';
import { BlueprintsModule } from './blueprints/blueprints.module';
import { CONFIGURATION } from './configuration';
import { CredentialsModule } from './credentials/credentials.module';
import { DeploymentsModule } from './deployments/deployments.module';
import { EnvironmentsModule } from './environments/environments.module';
import { GroupsModule } from './groups/groups.module';
import { HealthModule } from './health/health.module';
import { HostsModule } from './hosts/hosts.module';
import { AccessGuard } from './http/access.guard';
import { GuardedRoutes } from './http/guarded-routes';
import { ProblemFilter } from './http/problem.filter';
import { httpLogging } from './http/request-log';
import { SchemaPipe } from './http/schema.pipe';
import { NetworkProfilesModule } from './network-profiles/network-profiles.module';
import { LibraryModule } from './library/library.module';
import { ProjectsModule } from './projects/projects.module';
import { QueuePagesModule } from './queue/queue-pages.module';
import { RelaunchModule } from './relaunch/relaunch.module';
import { RunsModule } from './runs/runs.module';
import { SessionModule } from './session/session.module';
import { SizesModule } from './sizes/sizes.module';
import { StoreModule } from './store.module';
import { TemplateProfilesModule } from './template-profiles/template-profiles.module';
import { TokensModule } from './tokens/tokens.module';
import { VariablesModule } from './variables/variables.module';
import { VCentersModule } from './vcenters/vcenters.module';

const FEATURES = [
  ...[SessionModule, TokensModule, DeploymentsModule, RunsModule, HostsModule],
  ...[QueuePagesModule, RelaunchModule, NetworkProfilesModule, BatchesModule, BlueprintsModule],
  ...[
    SizesModule,
    GroupsModule,
    VariablesModule,
    TemplateProfilesModule,
    ProjectsModule,
    AddressesModule,
  ],
  ...[VCentersModule, CredentialsModule, LibraryModule, EnvironmentsModule, HealthModule],
];

@Global()
@Module({})
class ConfigurationModule {
  static with(configuration: Configuration): DynamicModule {
    return {
      module: ConfigurationModule,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}

/** The API: every feature, and what each request passes. */
@Module({})
export class ApiModule {
  static with(configuration: Configuration): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ConfigurationModule.with(configuration),
        LoggerModule.forRoot(httpLogging(loggerOptions(configuration.DIAKEN_LOG_LEVEL, 'api'))),
        TypeOrmModule.forRoot({ ...databaseOptions(configuration.DATABASE_URL), retryAttempts: 5 }),
        BullModule.forRoot({ redis: redisOptions(configuration.REDIS_URL) }),
        ThrottlerModule.forRoot([{ ttl: 60_000, limit: 600 }]),
        DiscoveryModule,
        StoreModule,
        ...FEATURES,
      ],
      providers: [
        GuardedRoutes,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useClass: SchemaPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
