import { formatIpv4, parseIpv4 } from '@diaken/contracts';
import type { EntityManager } from 'typeorm';
import { type AddressPool, freeAddresses } from '../networks/address-pool';
import { heldAddresses } from '../networks/held-addresses';
import { lockNetwork } from '../networks/next-address';
import { unseenAddresses } from '../networks/seen-addresses';

/** What a machine asks for: an address, the next free one of a pool, or none: a DHCP server gives it. */
interface Wish {
  readonly address: string | AddressPool | null;
}

/**
 * The address of each machine; undefined where its pool has none left. Nobody else is given one of these networks until
 * the transaction ends.
 */
export async function giveAddresses(
  manager: EntityManager,
  wishes: readonly Wish[],
): Promise<readonly (string | null | undefined)[]> {
  const cidrs = wishes.flatMap(({ address }) => (isPool(address) ? address.cidr : []));
  const taken = new Set(
    wishes.flatMap(({ address }) =>
      typeof address === 'string' ? (parseIpv4(address) ?? []) : [],
    ),
  );
  // In one order, so that two batches never wait for each other.
  for (const cidr of [...new Set(cidrs)].sort()) {
    await lockNetwork(manager, cidr);
    (await heldAddresses(manager, cidr)).forEach((address) => taken.add(address));
  }
  const open = new Map<AddressPool, AsyncIterator<number, void>>();
  const addresses: (string | null | undefined)[] = [];
  for (const { address } of wishes) {
    if (!isPool(address)) {
      addresses.push(address);
      continue;
    }
    const free = open.get(address) ?? unseenAddresses(manager, freeAddresses(address, taken));
    open.set(address, free);
    addresses.push(await takeFirst(free, taken));
  }
  return addresses;
}

/** The first address that is still free: another pool of the batch may have given it. */
async function takeFirst(
  free: AsyncIterator<number, void>,
  taken: Set<number>,
): Promise<string | undefined> {
  for (;;) {
    const { value } = await free.next();
    if (value === undefined) {
      return undefined;
    }
    if (!taken.has(value)) {
      taken.add(value);
      return formatIpv4(value);
    }
  }
}

function isPool(address: Wish['address']): address is AddressPool {
  return address !== null && typeof address !== 'string';
}
