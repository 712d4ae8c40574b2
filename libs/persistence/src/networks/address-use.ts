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

/** A page of a profile's addresses in their order, with those that others of its network hold. */
export async function addressUse(
  database: DataSource,
  pool: AddressPool,
  query: AddressUseQuery,
): Promise<AddressUse> {
  const holders = await addressHolders(database, pool.cidr);
  const stateOf = statesIn(pool, holders);
  const all = allOf(pool, holders).map((number) => ({ number, state: stateOf(number) }));
  const counts = { free: 0, reserved: 0, host: 0, excluded: 0 };
  all.forEach(({ state }) => (counts[state] += 1));
  const { shown, isMore } = pageIn(all, query);
  const items = shown.map(({ number, state }): PoolAddress => ({
    ...{ address: formatIpv4(number), state, holder: holders.get(number) ?? null },
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

function statesIn(pool: AddressPool, holders: ReadonlyMap<number, Holder>) {
  const isExcluded = exclusionsOf(pool);
  return (address: number): PoolAddress['state'] => {
    const holder = holders.get(address);
    if (holder) {
      return holder.type === 'host' ? 'host' : 'reserved';
    }
    return isExcluded(address) ? 'excluded' : 'free';
  };
}

/** Every address that is given out, and every one of the network that somebody holds, ascending. */
function allOf(pool: AddressPool, holders: ReadonlyMap<number, Holder>): readonly number[] {
  const network = parseCidr(pool.cidr);
  const held = [...holders.keys()].filter((address) => network && contains(network, address));
  return [...new Set([...addressesOf(pool), ...held])].sort((one, other) => one - other);
}
