import type { InventoryObject, InventoryQuery, Page } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { InventoryObjectEntity } from '../entities/machine.entity';
import { cursorOf, readCursor } from '../paging';

/** A page of what was last read of a vCenter, in the order of names. */
export async function inventoryPage(
  database: DataSource,
  vcenterId: string,
  { cursor, limit, kind, name }: InventoryQuery,
): Promise<Page<InventoryObject>> {
  const select = database.manager
    .createQueryBuilder(InventoryObjectEntity, 'object')
    .where('object.vcenterId = :vcenterId', { vcenterId })
    .orderBy('object.name', 'ASC')
    .addOrderBy('object.moRef', 'ASC')
    .take(limit + 1);
  if (kind) {
    select.andWhere('object.kind = :kind', { kind });
  }
  if (name) {
    select.andWhere('strpos(lower(object.name), lower(:part)) > 0', { part: name });
  }
  const after = readCursor(cursor, 'byNameAndMoRef');
  if (after) {
    select.andWhere('(object.name, object.moRef) > (:name, :moRef)', {
      name: after[0],
      moRef: after[1],
    });
  }
  const rows = await select.getMany();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ vcenterId: _vcenterId, ...object }) => object),
    next: rows.length > limit && last ? cursorOf(last.name, last.moRef) : null,
  };
}
