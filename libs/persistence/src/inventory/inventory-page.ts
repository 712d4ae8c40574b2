import type { InventoryItem, InventoryPage, InventoryQuery } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { InventoryObjectEntity, InventoryStateEntity } from '../entities/inventory.entity';
import { cursorOf, readCursor } from '../paging';
import { rowsOf } from '../runs/transaction';

/** What has gone after the revision asked for may be forgotten already. */
export class ChangesForgotten extends Error {
  override readonly name = 'ChangesForgotten';
}

/**
 * A page of what was last read of a vCenter, in the order of names; with `changedSince` of what has changed
 * since then, in the order of revisions. Throws `ChangesForgotten`.
 */
export async function inventoryPage(
  database: DataSource,
  vcenterId: string,
  query: InventoryQuery,
): Promise<InventoryPage> {
  // Before the rows: what changes meanwhile is told twice rather than never.
  const state = await database.manager.findOneBy(InventoryStateEntity, { vcenterId });
  const { changedSince, limit } = query;
  const forgotten = state?.forgottenUpTo ?? 0;
  if (changedSince !== undefined && changedSince < forgotten) {
    throw new ChangesForgotten(`Changes are remembered from revision ${forgotten} on.`);
  }
  const [rows, cursor] =
    changedSince === undefined
      ? [await byName(database, vcenterId, query), nameCursor]
      : [await byRevision(database, vcenterId, query), revisionCursor];
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last ? cursor(last) : null;
  return { items, next, revision: state?.revision ?? 0 };
}

const nameCursor = ({ name, moRef }: InventoryItem) => cursorOf(name, moRef);
const revisionCursor = ({ revision, moType, moRef }: InventoryItem) =>
  cursorOf(String(revision), `${moType} ${moRef}`);

async function byName(
  database: DataSource,
  vcenterId: string,
  { cursor, limit, kind, name }: InventoryQuery,
): Promise<readonly InventoryItem[]> {
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
  return rows.map(({ vcenterId: _vcenterId, ...object }) => ({ ...object, isGone: false }));
}

const COLUMNS = `kind, mo_type AS "moType", mo_ref AS "moRef", name, path`;
const CHANGES = `
  SELECT * FROM (
    SELECT ${COLUMNS}, datacenter, parent, details, revision, false AS "isGone" FROM inventory_object
    WHERE vcenter_id = $1 AND revision > $2
    UNION ALL SELECT ${COLUMNS}, NULL, NULL, '{}', revision, true FROM inventory_gone
    WHERE vcenter_id = $1 AND revision > $2) AS change
  WHERE ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR strpos(lower(name), lower($4)) > 0)
    AND ($5::int IS NULL OR (revision, "moType" || ' ' || "moRef") > ($5, $6))
  ORDER BY revision, "moType" || ' ' || "moRef" LIMIT $7`;

function byRevision(
  database: DataSource,
  vcenterId: string,
  { cursor, limit, kind, name, changedSince }: InventoryQuery,
): Promise<readonly InventoryItem[]> {
  const [revision, key] = readCursor(cursor, 'byRevision') ?? [];
  return rowsOf<InventoryItem>(database, CHANGES, [
    ...[vcenterId, changedSince, kind, name || undefined, revision, key, limit + 1],
  ]);
}
