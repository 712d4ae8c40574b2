import { formatIpv4 } from '@diaken/contracts';
import type { EntityManager } from 'typeorm';
import { type AddressPool, freeAddresses } from './address-pool';
import { heldAddresses } from './held-addresses';
import { unseenAddresses } from './seen-addresses';

/** Any number that nobody else locks in our database, with the network as the second key. */
const POOL_LOCK = 4_227_003;

/**
 * The next free address; undefined when all are taken. Until the transaction ends nobody else is given one of this
 * network, so whoever reserves it in the same transaction has it alone, and none is passed over.
 */
export async function nextAddress(
  manager: EntityManager,
  pool: AddressPool,
): Promise<string | undefined> {
  await lockNetwork(manager, pool.cidr);
  return freeAddress(manager, pool);
}

/** The address that would be the next one now, for whoever only wants to know; undefined when all are taken. */
export async function freeAddress(
  manager: EntityManager,
  pool: AddressPool,
): Promise<string | undefined> {
  const free = freeAddresses(pool, await heldAddresses(manager, pool.cidr));
  const { value } = await unseenAddresses(manager, free).next();
  return value === undefined ? undefined : formatIpv4(value);
}

/** Keeps others from giving out addresses of the network, until the transaction ends. */
export async function lockNetwork(manager: EntityManager, cidr: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [POOL_LOCK, cidr]);
}
