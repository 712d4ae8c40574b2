import { parseIpv4, rangesOf, toNumbers } from '@diaken/contracts';
import type { NetworkProfileEntity } from '../entities/network.entity';

/** The addresses that a profile gives out. Addresses are unsigned 32-bit numbers here. */
export type AddressPool = Pick<
  NetworkProfileEntity,
  'cidr' | 'gateway' | 'dns' | 'ranges' | 'exclusions'
>;

/** Every address of the ranges, in the order in which they are given out. */
export function* addressesOf(pool: AddressPool): Generator<number, void> {
  for (const { first, last } of rangesOf(pool)) {
    for (let address = first; address <= last; address++) {
      yield address;
    }
  }
}

/** What is never given out: exclusions, the gateway and the DNS servers. */
export function exclusionsOf(pool: AddressPool): (address: number) => boolean {
  const { gateway, dns, exclusions } = pool;
  const ranges = exclusions.map(toNumbers);
  const servers = new Set([...dns, ...(gateway === null ? [] : [gateway])].map(parseIpv4));
  return (address) =>
    servers.has(address) || ranges.some(({ first, last }) => address >= first && address <= last);
}

/** Addresses that nobody has, in the order in which they are given out. */
export function* freeAddresses(
  pool: AddressPool,
  taken: ReadonlySet<number>,
): Generator<number, void> {
  const isExcluded = exclusionsOf(pool);
  for (const address of addressesOf(pool)) {
    if (!taken.has(address) && !isExcluded(address)) {
      yield address;
    }
  }
}
