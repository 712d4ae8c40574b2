import { formatIpv4, parseIpv4 } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { addressPrefix } from './held-addresses';
import { rowsOf } from '../runs/transaction';

/** Candidates that one statement asks about. */
const AT_ONCE = 64;

const SEEN = `
  SELECT address FROM unnest($1::text[]) AS address
  WHERE EXISTS (SELECT FROM inventory_object WHERE kind = 'vm' AND details->'addresses' ? address)`;

/** Those of the candidates that no machine of the inventory reports, in their order. */
export async function* unseenAddresses(
  manager: EntityManager,
  candidates: Iterator<number, void>,
): AsyncGenerator<number, void> {
  for (let some = take(candidates); some.length > 0; some = take(candidates)) {
    const rows = await rowsOf<{ address: string }>(manager, SEEN, [some.map(formatIpv4)]);
    const seen = new Set(rows.map(({ address }) => parseIpv4(address)));
    yield* some.filter((address) => !seen.has(address));
  }
}

function take(candidates: Iterator<number, void>): number[] {
  const some: number[] = [];
  while (some.length < AT_ONCE) {
    const { value } = candidates.next();
    if (value === undefined) {
      break;
    }
    some.push(value);
  }
  return some;
}

/** A machine of the inventory whose guest reports an address. */
export interface Reporter {
  readonly vcenterId: string;
  readonly moRef: string;
  readonly name: string;
}

/** Who reports which address of a network. Some of neighbouring networks may be among them. */
export async function addressReporters(
  database: DataSource,
  cidr: string,
): Promise<ReadonlyMap<number, Reporter>> {
  const rows = await rowsOf<Reporter & { readonly address: string }>(
    database,
    `SELECT address, vcenter_id AS "vcenterId", mo_ref AS "moRef", name
     FROM inventory_object, jsonb_array_elements_text(details->'addresses') AS address
     WHERE kind = 'vm' AND starts_with(address, $1)`,
    [addressPrefix(cidr)],
  );
  return new Map(
    rows.flatMap(({ address, ...reporter }) => {
      const number = parseIpv4(address);
      return number === undefined ? [] : [[number, reporter] as const];
    }),
  );
}
