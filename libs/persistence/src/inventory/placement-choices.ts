import type { ChoicesQuery, PlacementChoices } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';

type Lists = { readonly [List in keyof PlacementChoices]: PlacementChoices[List][number] };
interface Row<List extends keyof Lists = keyof Lists> {
  readonly list: List;
  readonly choice: Lists[List];
}

const CHOICE = `'moRef', mo_ref, 'name', name, 'path', path`;
const OF_KIND = 'FROM inventory_object WHERE vcenter_id = $1 AND kind';
/** Hosts that can run machines now. */
const USABLE = `details @> '{"connected": true, "inMaintenance": false}'`;

/** $2: the datacenter. */
const WITHOUT_CLUSTER = `
  SELECT 'datacenters' AS list, name, jsonb_build_object(${CHOICE}) AS choice ${OF_KIND} = 'datacenter'
  UNION ALL SELECT 'clusters', name, jsonb_build_object(${CHOICE}, 'datacenter', datacenter)
    ${OF_KIND} = 'cluster' AND ($2::text IS NULL OR datacenter = $2)
  UNION ALL SELECT 'templates', name, jsonb_build_object(${CHOICE}, 'datacenter', datacenter,
    'guestFullName', details->'guestFullName', 'cpus', details->'cpus', 'memoryMb', details->'memoryMb',
    'diskBytes', details->'diskBytes') ${OF_KIND} = 'template'
  UNION ALL SELECT 'folders', path, jsonb_build_object(${CHOICE}, 'isRoot', details->'root')
    ${OF_KIND} = 'folder' AND datacenter = $2
  ORDER BY name`;

/** $2: the cluster. */
const OF_CLUSTER = `
  WITH usable AS (
    SELECT details ${OF_KIND} = 'host' AND parent = $2 AND ${USABLE}),
  datastores AS (
    SELECT ref, count(*)::int AS hosts FROM usable, jsonb_array_elements_text(details->'datastores') AS ref
    GROUP BY ref),
  networks AS (
    SELECT ref, count(*)::int AS hosts FROM usable, jsonb_array_elements_text(details->'networks') AS ref
    GROUP BY ref)
  SELECT 'resourcePools' AS list, path AS name, 0 AS rank,
    jsonb_build_object(${CHOICE}, 'isRoot', details->'root') AS choice
    ${OF_KIND} = 'resource-pool' AND details->>'owner' = $2
  UNION ALL SELECT 'datastores', name, -(details->>'freeBytes')::bigint, jsonb_build_object(${CHOICE},
    'hosts', hosts, 'capacityBytes', details->'capacityBytes', 'freeBytes', details->'freeBytes')
    FROM inventory_object JOIN datastores ON ref = mo_ref
    WHERE vcenter_id = $1 AND kind = 'datastore' AND details @> '{"accessible": true}'
  UNION ALL SELECT 'networks', name, 0, jsonb_build_object(${CHOICE}, 'hosts', hosts,
    'isDistributed', details->'distributed')
    FROM inventory_object JOIN networks ON ref = mo_ref WHERE vcenter_id = $1 AND kind = 'network'
  ORDER BY rank, name`;

const CLUSTER = `
  SELECT datacenter FROM inventory_object WHERE vcenter_id = $1 AND kind = 'cluster' AND mo_ref = $2`;
const DATACENTER = `SELECT mo_ref ${OF_KIND} = 'datacenter' AND mo_ref = $2`;

/** A chosen object is not in the inventory, or not where the other one is. */
export class UnknownChoice extends Error {
  override readonly name = 'UnknownChoice';

  constructor(readonly field: keyof ChoicesQuery) {
    super(`The inventory has no such ${field}`);
  }
}

/** What a machine can be placed on in a vCenter, as it was last read. Throws `UnknownChoice`. */
export async function placementChoices(
  database: DataSource,
  vcenterId: string,
  { datacenter, cluster }: ChoicesQuery,
): Promise<PlacementChoices> {
  const within = cluster
    ? await datacenterOf(database, vcenterId, { datacenter, cluster })
    : datacenter;
  if (datacenter !== undefined && !cluster) {
    const found = await rowsOf(database, DATACENTER, [vcenterId, datacenter]);
    if (found.length === 0) throw new UnknownChoice('datacenter');
  }
  const rows = await Promise.all([
    rowsOf<Row>(database, WITHOUT_CLUSTER, [vcenterId, within]),
    cluster ? rowsOf<Row>(database, OF_CLUSTER, [vcenterId, cluster]) : [],
  ]);
  return listsOf(rows.flat());
}

async function datacenterOf(
  database: DataSource,
  vcenterId: string,
  { datacenter, cluster }: ChoicesQuery,
): Promise<string | undefined> {
  const [found] = await rowsOf<{ datacenter: string | null }>(database, CLUSTER, [
    vcenterId,
    cluster,
  ]);
  if (!found) throw new UnknownChoice('cluster');
  if (datacenter !== undefined && found.datacenter !== datacenter) {
    throw new UnknownChoice('cluster');
  }
  return found.datacenter ?? undefined;
}

function listsOf(rows: readonly Row[]): PlacementChoices {
  const choices = <List extends keyof Lists>(list: List) =>
    rows.filter((row): row is Row<List> => row.list === list).map(({ choice }) => choice);
  return {
    datacenters: choices('datacenters'),
    clusters: choices('clusters'),
    resourcePools: choices('resourcePools'),
    datastores: choices('datastores'),
    networks: choices('networks'),
    templates: choices('templates'),
    folders: choices('folders'),
  };
}
