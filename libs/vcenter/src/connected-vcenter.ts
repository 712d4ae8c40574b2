import type { VimConnection } from './session/vim-connection';
import type { WatchList } from './tasks/watch-list';

/** A vCenter that can be asked, and what is being waited for there. */
export interface ConnectedVCenter {
  readonly connection: VimConnection;
  readonly watches: WatchList;
}
