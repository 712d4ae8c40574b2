import {
  type AddressUse,
  type AddressUseQuery,
  contains,
  formatIpv4,
  type Holder,
  parseCidr,
  parseIpv4,
  type PoolAddress,
} from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { cursorOf, readCursor } from '../paging';
import { type AddressPool, addressesOf, exclusionsOf } from './address-pool';
import { addressHolders } from './held-addresses';
import { addressReporters } from './seen-addresses';

/** A page of a profile's addresses in their order, with all of its network that somebody has. */
export async function addressUse(
  database: DataSource,
  pool: AddressPool,
  query: AddressUseQuery,
): Promise<AddressUse> {
  const [holders, reporters] = await Promise.all([
    addressHolders(database, pool.cidr),
    addressReporters(database, pool.cidr),
  ]);
  const stateOf = statesIn(pool, holders, reporters);
  const all = allOf(pool, [...holders.keys(), ...reporters.keys()]).map((number) => ({
    number,
    state: stateOf(number),
  }));
  const counts = { free: 0, reserved: 0, host: 0, seen: 0, excluded: 0 };
  all.forEach(({ state }) => (counts[state] += 1));
  const { shown, isMore } = pageIn(all, query);
  const items = shown.map(({ number, state }): PoolAddress => ({
    address: formatIpv4(number),
    state,
    holder: holders.get(number) ?? null,
    machine: reporters.get(number) ?? null,
  }));
  const last = items.at(-1);
  return { items, next: isMore && last ? cursorOf(last.address, '') : null, counts };
}

interface Address {
  readonly number: number;
  readonly state: PoolAddress['state'];
}

function pageIn(all: readonly Address[], { cursor, limit, state }: AddressUseQuery) {
  const [text = ''] = readCursor(cursor, 'byAddress') ?? [];
  const after = parseIpv4(text) ?? -1;
  const wanted = all.filter(
    (address) => address.number > after && (state === undefined || state === address.state),
  );
  return { shown: wanted.slice(0, limit), isMore: wanted.length > limit };
}

function statesIn(
  pool: AddressPool,
  holders: ReadonlyMap<number, Holder>,
  reporters: ReadonlyMap<number, unknown>,
) {
  const isExcluded = exclusionsOf(pool);
  return (address: number): PoolAddress['state'] => {
    const holder = holders.get(address);
    if (holder) {
      return holder.type === 'host' ? 'host' : 'reserved';
    }
    if (reporters.has(address)) {
      return 'seen';
    }
    return isExcluded(address) ? 'excluded' : 'free';
  };
}

/** Every address that is given out, and every one of the network that somebody has, ascending. */
function allOf(pool: AddressPool, had: readonly number[]): readonly number[] {
  const network = parseCidr(pool.cidr);
  const others = had.filter((address) => network && contains(network, address));
  return [...new Set([...addressesOf(pool), ...others])].sort((one, other) => one - other);
}
