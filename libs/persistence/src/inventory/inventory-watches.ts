import type { SyncProblem } from '@diaken/contracts';
import type { InventoryNews } from '@diaken/provisioning';
import type { DataSource, EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { removeObjects, writeObjects } from './inventory-writes';
import { replaceInventory } from './replace-inventory';

/** A vCenter that a worker shall watch. */
export interface Watch {
  readonly vcenterId: string;
  /** Changes when anything of the vCenter's access changes. */
  readonly access: string;
}

/** Another worker watches this vCenter now. */
export class WatchLost extends Error {
  override readonly name = 'WatchLost';
}

/** vCenters that have been read: their first reading is a run, which tells its user how it went. */
const CLAIM = `
  WITH free AS (
    SELECT vcenter_id FROM inventory_state WHERE confirmed_at IS NOT NULL
      AND (watcher = $1 OR watched_until IS NULL OR watched_until < now())
    ORDER BY vcenter_id FOR UPDATE SKIP LOCKED)
  UPDATE inventory_state state SET watcher = $1, watched_until = now() + $2 * interval '1 ms'
  FROM free, vcenter WHERE state.vcenter_id = free.vcenter_id AND vcenter.id = free.vcenter_id
  RETURNING state.vcenter_id AS "vcenterId", vcenter.updated_at::text AS access`;

/** Locks the inventory for one writer, and refuses who does not watch it any more. */
const BEGIN = `
  UPDATE inventory_state SET revision = revision + 1, confirmed_at = now(), failure = NULL, failed_at = NULL
  WHERE vcenter_id = $1 AND watcher = $2 AND watched_until > now() RETURNING revision`;

const CONFIRM = `
  UPDATE inventory_state SET confirmed_at = now(), failure = NULL, failed_at = NULL
  WHERE vcenter_id = $1 AND watcher = $2 AND watched_until > now() RETURNING revision`;

const FAIL = `
  UPDATE inventory_state SET failure = $3, failed_at = now()
  WHERE vcenter_id = $1 AND watcher = $2 AND watched_until > now()`;

const RELEASE = `
  UPDATE inventory_state SET watcher = NULL, watched_until = NULL WHERE watcher = $1`;

/** Which worker watches which vCenter: one at most, by a lease; and what it has heard. */
export class InventoryWatches {
  constructor(
    private readonly database: DataSource,
    private readonly worker: string,
    private readonly leaseMs: number,
  ) {}

  /** Renews this worker's watches, and takes those that nobody has. */
  claim(): Promise<readonly Watch[]> {
    return rowsOf<Watch>(this.database, CLAIM, [this.worker, this.leaseMs]);
  }

  /** Lets another worker have them at once. */
  async release(): Promise<void> {
    await this.database.query(RELEASE, [this.worker]);
  }

  /** Keeps what a vCenter has told. Answers how many objects differ. Throws `WatchLost`. */
  async keep(vcenterId: string, news: InventoryNews): Promise<number> {
    if (news.what === 'changes' && news.changed.length + news.gone.length === 0) {
      await this.own(this.database.manager, CONFIRM, vcenterId);
      return 0;
    }
    return this.database.transaction(async (manager) => {
      const revision = await this.own(manager, BEGIN, vcenterId);
      if (news.what === 'all') {
        const difference = await replaceInventory(manager, vcenterId, news.reading, revision);
        return difference.changed + difference.gone;
      }
      const writer = { manager, vcenterId, revision, since: revision };
      const gone = await removeObjects(writer, news.gone);
      return gone + (await writeObjects(writer, news.changed));
    });
  }

  /** Notes why the vCenter cannot be listened to. */
  async noteProblem(vcenterId: string, problem: SyncProblem): Promise<void> {
    await this.database.query(FAIL, [vcenterId, this.worker, problem]);
  }

  private async own(manager: EntityManager, statement: string, vcenterId: string): Promise<number> {
    const [state] = await rowsOf<{ revision: number }>(manager, statement, [
      vcenterId,
      this.worker,
    ]);
    if (!state) throw new WatchLost(`Another worker watches ${vcenterId} now`);
    return state.revision;
  }
}
