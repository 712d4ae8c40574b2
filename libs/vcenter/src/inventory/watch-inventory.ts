import { pause } from '@diaken/pipeline';
import type { InventoryNews } from '@diaken/provisioning';
import { filterSpec } from '../properties/retrieve';
import type { VimConnection } from '../session/vim-connection';
import { type MoRef, moRefOf, objectOf, textOf, type VimObject } from '../soap/vim-value';
import { InventoryMirror } from './inventory-mirror';
import { neededFields } from './kept-properties';
import { wholeInventory } from './inventory-selection';
import { INVENTORY_PAGE } from './read-inventory';

/** How long vCenter waits for something to change until it answers that nothing has, seconds. */
const WAIT_SECONDS = 15;
/** Changes that come this soon after others are taken together, ms. */
const TOGETHER_MS = 300;

/**
 * Tells all that a vCenter has, and then what changes. The session should be its own: its calls wait, and
 * would keep others from their turn. Closes it at the end.
 */
export async function* watchInventory(
  connection: VimConnection,
  signal: AbortSignal,
): AsyncGenerator<InventoryNews> {
  try {
    const collector = await collectorOf(connection, signal);
    const mirror = new InventoryMirror(await connection.instanceUuid(signal));
    for (let version = ''; ;) {
      const updates = await nextUpdates(connection, collector, version, signal);
      version = textOf(updates['version']) || version;
      mirror.take(updates);
      if (updates['truncated'] === true) continue;
      yield mirror.news();
      await pause(TOGETHER_MS, signal);
    }
  } finally {
    // Its collector and filter end with the session.
    await connection.close();
  }
}

async function collectorOf(connection: VimConnection, signal: AbortSignal): Promise<MoRef> {
  const root = await connection.serviceObject('rootFolder', signal);
  const collector = moRefOf(
    await connection.call({ method: 'CreatePropertyCollector', on: 'propertyCollector' }, signal),
  );
  if (!collector) throw new Error('vCenter made no property collector');
  const parameters = { spec: filterSpec(wholeInventory(root)), partialUpdates: false };
  await connection.call(
    { method: 'CreateFilter', on: collector, parameters, anySession: false },
    signal,
  );
  return collector;
}

async function nextUpdates(
  connection: VimConnection,
  collector: MoRef,
  version: string,
  signal: AbortSignal,
): Promise<VimObject> {
  const options = { maxWaitSeconds: WAIT_SECONDS, maxObjectUpdates: INVENTORY_PAGE };
  const parameters = { version, options };
  return objectOf(
    await connection.call(
      { method: 'WaitForUpdatesEx', on: collector, parameters, anySession: false, neededFields },
      signal,
    ),
  );
}
