import type {
  AddressFilter,
  AddressQuery,
  MachineAddresses,
  MachineDetails,
  Page,
} from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { cursorOf, readCursor } from '../paging';
import { rowsOf } from '../runs/transaction';
import { type AddressSearch, readSearch } from './address-search';

/** A page of the machines of the inventory, in the order of their names. */
export async function machineAddresses(
  database: DataSource,
  query: AddressQuery,
): Promise<Page<MachineAddresses>> {
  const { limit } = query;
  const rows = await machineRows(database, query, {
    after: readCursor(query.cursor, 'byNameAndMoRef'),
    limit: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? cursorOf(last.name, keyOf(last)) : null;
  return { items: await withNetworks(database, shown), next };
}

/** All machines that the filter means. */
export async function everyMachineAddress(
  database: DataSource,
  filter: AddressFilter,
): Promise<readonly MachineAddresses[]> {
  return withNetworks(database, await machineRows(database, filter));
}

interface MachineRow {
  readonly vcenterId: string;
  readonly moRef: string;
  readonly name: string;
  readonly details: MachineDetails;
}

interface Extent {
  readonly after: readonly [string, string] | undefined;
  readonly limit: number;
}

/** References repeat in other vCenters. */
const KEY = "(mo_ref || ' ' || vcenter_id::text)";
const keyOf = ({ moRef, vcenterId }: MachineRow) => `${moRef} ${vcenterId}`;

function machineRows(
  database: DataSource,
  { vcenterId, search, network }: AddressFilter,
  extent?: Extent,
): Promise<readonly MachineRow[]> {
  const values: unknown[] = [];
  const value = (one: unknown) => `$${values.push(one)}`;
  const conditions = [
    "kind = 'vm'",
    ...(vcenterId === undefined ? [] : [`vcenter_id = ${value(vcenterId)}`]),
    ...(search === undefined ? [] : [finds(readSearch(search), value)]),
    ...(network === undefined ? [] : [isOn(value(network))]),
    ...(extent?.after ? [`(name, ${KEY}) > (${extent.after.map(value).join(', ')})`] : []),
  ];
  return rowsOf<MachineRow>(
    database,
    `SELECT vcenter_id AS "vcenterId", mo_ref AS "moRef", name, details FROM inventory_object AS machine
     WHERE ${conditions.join(' AND ')} ORDER BY name, ${KEY} ${extent ? `LIMIT ${extent.limit}` : ''}`,
    values,
  );
}

/** How each meaning is looked for. All but the first read the details of every machine, so only what has to be looked for is. */
const FINDS: Record<AddressSearch['by'], (text: string) => string> = {
  address: (text) => `details->'addresses' ? ${text}`,
  'address-beginning': (text) => `strpos(details->>'addresses', '"' || ${text}) > 0`,
  mac: (text) => `strpos(replace(details->>'macs', ':', ''), ${text}) > 0`,
  name: (text) =>
    `strpos(lower(name), ${text}) > 0 OR strpos(lower(details->>'guestHostName'), ${text}) > 0`,
};

function finds(meanings: readonly AddressSearch[], value: (one: unknown) => string): string {
  const each = meanings.map(({ by, text }) => FINDS[by](`${value(text)}::text`));
  return `(${each.join(' OR ')})`;
}

function isOn(network: string): string {
  return `EXISTS (
    SELECT FROM jsonb_array_elements(details->'adapters') AS adapter
    WHERE (machine.vcenter_id, adapter->>'network') IN (
      SELECT vcenter_id, mo_ref FROM inventory_object
      WHERE kind = 'network' AND ${network} IN (name, mo_ref)))`;
}

async function withNetworks(
  database: DataSource,
  rows: readonly MachineRow[],
): Promise<MachineAddresses[]> {
  const networks = await rowsOf<{ key: string; name: string }>(
    database,
    `SELECT ${KEY} AS key, name FROM inventory_object WHERE kind = 'network' AND vcenter_id = ANY($1)`,
    [[...new Set(rows.map(({ vcenterId }) => vcenterId))]],
  );
  const names = new Map(networks.map(({ key, name }) => [key, name]));
  return rows.map(({ vcenterId, moRef, name, details }) => ({
    ...{ vcenterId, moRef, name, power: details.power, guestHostName: details.guestHostName },
    adapters: details.adapters.map(({ mac, network, addresses }) => ({
      mac,
      network: network === null ? null : networkOf(network, names.get(`${network} ${vcenterId}`)),
      addresses: [...addresses],
    })),
  }));
}

/** A network that the inventory does not have yet goes by its reference. */
function networkOf(moRef: string, name = moRef) {
  return { moRef, name };
}
