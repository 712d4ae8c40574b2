import type { SyncProblem } from '@diaken/contracts';
import {
  InventoryBook,
  type InventoryDifference,
  type InventoryReading,
} from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { InventoryStateEntity } from '../entities/inventory.entity';
import { replaceInventory } from './replace-inventory';

/** The last inventory of each vCenter in PostgreSQL. */
export class PostgresInventoryBook extends InventoryBook {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async revision(vcenterId: string): Promise<number> {
    const state = await this.database.manager.findOneBy(InventoryStateEntity, { vcenterId });
    return state?.revision ?? 0;
  }

  override replace(
    vcenterId: string,
    reading: InventoryReading,
    since: number,
  ): Promise<InventoryDifference> {
    return this.database.transaction((manager) =>
      replaceInventory(manager, vcenterId, reading, since),
    );
  }

  override async noteProblem(vcenterId: string, failure: SyncProblem): Promise<void> {
    const problem = { failure, failedAt: new Date() };
    await this.database.manager.upsert(InventoryStateEntity, { vcenterId, ...problem }, [
      'vcenterId',
    ]);
  }
}
