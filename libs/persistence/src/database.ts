import { DataSource, type DataSourceOptions } from 'typeorm';
import { ApiTokenEntity, SessionEntity, UserEntity } from './entities/access.entity';
import { BatchEntity } from './entities/batch.entity';
import { BlueprintEntity } from './entities/blueprint.entity';
import {
  CredentialEntity,
  EnvironmentEntity,
  TemplateProfileEntity,
} from './entities/catalog.entity';
import { GroupEntity, GroupMemberEntity } from './entities/group.entity';
import { LibraryItemEntity, LibraryVersionEntity } from './entities/library.entity';
import {
  InventoryGoneEntity,
  InventoryObjectEntity,
  InventoryStateEntity,
} from './entities/inventory.entity';
import { HostEntity, ReservationEntity, VCenterEntity } from './entities/machine.entity';
import { NetworkProfileEntity } from './entities/network.entity';
import { ProjectEntity, ProjectTreeEntity } from './entities/project.entity';
import { RunEntity, RunStepEntity } from './entities/run.entity';
import { HostResultEntity, RunEventEntity, RunLogChunkEntity } from './entities/run-trace.entity';
import { VariableEntity } from './entities/variable.entity';
import { SizeEntity } from './entities/size.entity';
import { Projects1765500000000 } from './migrations/12-projects';
import { First1764000000000 } from './migrations/1-first';
import { Sizes1765300000000 } from './migrations/10-sizes';
import { Queue1764500000000 } from './migrations/2-queue';
import { Inventory1764600000000 } from './migrations/3-inventory';
import { Networks1764700000000 } from './migrations/4-networks';
import { Guests1764800000000 } from './migrations/5-guests';
import { Library1765100000000 } from './migrations/8-library';
import { Blueprints1765200000000 } from './migrations/9-blueprints';
import { Credentials1764900000000 } from './migrations/6-credentials';
import { Hosts1765000000000 } from './migrations/7-hosts';
import { Addresses1765600000000 } from './migrations/13-addresses';

/** Every table. */
const ENTITIES = [
  ...[RunEntity, RunStepEntity, RunEventEntity, RunLogChunkEntity, HostResultEntity],
  ...[VCenterEntity, HostEntity, ReservationEntity, NetworkProfileEntity],
  ...[BatchEntity, BlueprintEntity],
  ...[InventoryObjectEntity, InventoryGoneEntity, InventoryStateEntity],
  ...[GroupEntity, GroupMemberEntity, VariableEntity],
  ...[CredentialEntity, EnvironmentEntity, TemplateProfileEntity, SizeEntity],
  ...[LibraryItemEntity, LibraryVersionEntity, ProjectEntity, ProjectTreeEntity],
  ...[UserEntity, SessionEntity, ApiTokenEntity],
];

/** Every migration, oldest first. */
export const MIGRATIONS = [
  First1764000000000,
  Queue1764500000000,
  Inventory1764600000000,
  Networks1764700000000,
  Guests1764800000000,
  Credentials1764900000000,
  Hosts1765000000000,
  Library1765100000000,
  Blueprints1765200000000,
  Sizes1765300000000,
  Projects1765500000000,
  Addresses1765600000000,
];

/** How long a connection attempt may take, and a statement. */
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that is stopped in the middle of a transaction must not keep the others from their runs for longer. */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;

/** How the servers speak to PostgreSQL. `poolSize`: connections of this process. */
export function databaseOptions(url: string, poolSize = 20): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'diaken',
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      // For a server that takes connections but never answers.
      query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
      keepAlive: true,
      // Connections stay: a burst must not wait until PostgreSQL has started a dozen processes anew.
      idleTimeoutMillis: 0,
    },
  };
}

/** Applies what is missing; one process at a time, however many start together. Answers the names applied. */
export async function migrate(url: string): Promise<readonly string[]> {
  const source = await new DataSource(databaseOptions(url, 2)).initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await source.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lock.release();
    await source.destroy();
  }
}

/** Any number that nobody else locks in our database. */
const MIGRATION_LOCK = 4_227_001;
