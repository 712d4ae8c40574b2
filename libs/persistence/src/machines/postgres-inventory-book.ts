import type { InventoryObject } from '@diaken/contracts';
import { InventoryBook } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { InventoryObjectEntity, VCenterEntity } from '../entities/machine.entity';

/** Rows that one INSERT carries: PostgreSQL takes 65,535 values, and a row has 8. */
const ROWS_AT_ONCE = 2_000;

/** The last inventory of each vCenter in PostgreSQL. */
export class PostgresInventoryBook extends InventoryBook {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async replace(vcenterId: string, objects: readonly InventoryObject[]): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.delete(InventoryObjectEntity, { vcenterId });
      for (let from = 0; from < objects.length; from += ROWS_AT_ONCE) {
        const rows = objects.slice(from, from + ROWS_AT_ONCE);
        await manager.insert(
          InventoryObjectEntity,
          rows.map((object) => ({ ...object, vcenterId })) as never[],
        );
      }
      await manager.update(VCenterEntity, { id: vcenterId }, { syncedAt: new Date() });
    });
  }
}
