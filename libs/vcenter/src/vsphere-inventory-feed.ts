import { InventoryFeed, type InventoryNews } from '@diaken/provisioning';
import { watchInventory } from './inventory/watch-inventory';
import { VimConnection } from './session/vim-connection';
import type { VCenterDirectory } from './vcenter-directory';

/** How long a call may take, ms: longer than vCenter waits for something to change. */
const CALL_TIMEOUT_MS = 60_000;

/** Hears of changes through a property collector, in a session of its own for each vCenter. */
export class VsphereInventoryFeed extends InventoryFeed {
  constructor(private readonly directory: VCenterDirectory) {
    super();
  }

  override async *listen(vcenterId: string, signal: AbortSignal): AsyncGenerator<InventoryNews> {
    const access = await this.directory.find(vcenterId);
    yield* watchInventory(new VimConnection(access, CALL_TIMEOUT_MS), signal);
  }
}
