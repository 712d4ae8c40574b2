import type { InventoryObject } from '@diaken/contracts';
import type { InventoryKey } from '@diaken/provisioning';
import type { EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';

/** Objects that one statement carries: a machine is half a kilobyte of JSON. */
const OBJECTS_AT_ONCE = 500;

/** A transaction that writes to the inventory of a vCenter. */
export interface InventoryWriter {
  readonly manager: EntityManager;
  readonly vcenterId: string;
  /** The revision that it makes. */
  readonly revision: number;
  /** What has changed after this revision is left as it is. */
  readonly since: number;
}

/** Writes only rows that differ: an UPDATE that changes nothing would write a row, and its indexes, all the same. */
const UPSERT = `
  INSERT INTO inventory_object
    (vcenter_id, mo_type, mo_ref, kind, name, path, datacenter, parent, details, revision)
  SELECT $1, new."moType", new."moRef", new.kind, new.name, new.path, new.datacenter, new.parent,
    new.details, $3
  FROM jsonb_to_recordset($2::jsonb) AS new ("moType" text, "moRef" text, kind text, name text, path text,
      datacenter text, parent text, details jsonb)
    LEFT JOIN inventory_object old
      ON old.vcenter_id = $1 AND old.mo_type = new."moType" AND old.mo_ref = new."moRef"
    LEFT JOIN inventory_gone gone
      ON gone.vcenter_id = $1 AND gone.mo_type = new."moType" AND gone.mo_ref = new."moRef"
  WHERE coalesce(old.revision, gone.revision, 0) <= $4
    AND (old.kind, old.name, old.path, old.datacenter, old.parent, old.details) IS DISTINCT FROM
      (new.kind, new.name, new.path, new.datacenter, new.parent, new.details)
  ON CONFLICT (vcenter_id, mo_type, mo_ref) DO UPDATE SET (kind, name, path, datacenter, parent, details,
    revision) = (excluded.kind, excluded.name, excluded.path, excluded.datacenter, excluded.parent,
    excluded.details, excluded.revision)
  RETURNING mo_type AS "moType", mo_ref AS "moRef"`;

const KEYS = 'unnest($2::text[], $3::text[]) AS key (mo_type, mo_ref)';

const BACK = `
  DELETE FROM inventory_gone gone USING ${KEYS}
  WHERE gone.vcenter_id = $1 AND gone.mo_type = key.mo_type AND gone.mo_ref = key.mo_ref`;

const remove = (which: string) => `
  WITH removed AS (
    DELETE FROM inventory_object old
    WHERE vcenter_id = $1 AND revision <= $5 AND ${which}
    RETURNING mo_type, mo_ref, kind, name, path)
  INSERT INTO inventory_gone (vcenter_id, mo_type, mo_ref, kind, name, path, revision)
  SELECT $1, mo_type, mo_ref, kind, name, path, $4 FROM removed
  ON CONFLICT (vcenter_id, mo_type, mo_ref) DO UPDATE SET
    revision = excluded.revision, gone_at = now(), name = excluded.name, path = excluded.path
  RETURNING mo_ref`;

const AMONG = `(mo_type, mo_ref) IN (SELECT key.mo_type, key.mo_ref FROM ${KEYS})`;
const REMOVE = remove(AMONG);
const REMOVE_OTHERS = remove(`NOT ${AMONG}`);

/** Writes those objects that differ from what is kept. Answers how many. */
export async function writeObjects(
  writer: InventoryWriter,
  objects: readonly InventoryObject[],
): Promise<number> {
  const { manager, vcenterId, revision, since } = writer;
  let written = 0;
  for (let from = 0; from < objects.length; from += OBJECTS_AT_ONCE) {
    const some = JSON.stringify(objects.slice(from, from + OBJECTS_AT_ONCE));
    const values = [vcenterId, some, revision, since];
    const keys = await rowsOf<InventoryKey>(manager, UPSERT, values);
    if (keys.length > 0) await manager.query(BACK, [vcenterId, ...listsOf(keys)]);
    written += keys.length;
  }
  return written;
}

/** Takes out all objects but these. Answers how many. */
export function removeOthers(
  writer: InventoryWriter,
  keys: readonly InventoryKey[],
): Promise<number> {
  return removed(writer, REMOVE_OTHERS, keys);
}

/** Takes out these objects. Answers how many were there. */
export function removeObjects(
  writer: InventoryWriter,
  keys: readonly InventoryKey[],
): Promise<number> {
  return removed(writer, REMOVE, keys);
}

async function removed(
  { manager, vcenterId, revision, since }: InventoryWriter,
  statement: string,
  keys: readonly InventoryKey[],
): Promise<number> {
  const values = [vcenterId, ...listsOf(keys), revision, since];
  return (await rowsOf(manager, statement, values)).length;
}

function listsOf(keys: readonly InventoryKey[]): readonly (readonly string[])[] {
  return [keys.map(({ moType }) => moType), keys.map(({ moRef }) => moRef)];
}
