import type { InventoryReading } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { type ObjectProperties, retrievePages } from '../properties/retrieve';
import { InventoryObjects } from './inventory-objects';
import { wholeInventory } from './inventory-selection';
import { InventoryTree } from './inventory-tree';
import { kept, neededFields } from './kept-properties';

/**
 * Objects in one answer at most: a machine is some ten kilobytes there, and what of an answer outlives a young
 * collection of garbage stays in the memory for long.
 */
export const INVENTORY_PAGE = 100;

/** Reads all that our inventory keeps, in one walk of many pages. */
export async function readInventory(
  { connection }: Pick<ConnectedVCenter, 'connection'>,
  signal: AbortSignal,
): Promise<InventoryReading> {
  const root = await connection.serviceObject('rootFolder', signal);
  const selections = [wholeInventory(root)];
  const read: ObjectProperties[] = [];
  const options = { perPage: INVENTORY_PAGE, neededFields };
  for await (const page of retrievePages(connection, selections, signal, options)) {
    for (const each of page) read.push(kept(each));
  }
  const instanceUuid = await connection.instanceUuid(signal);
  return { instanceUuid, objects: new InventoryObjects(new InventoryTree(read)).all() };
}
