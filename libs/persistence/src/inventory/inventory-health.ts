import type { InventoryHealth, SyncProblem } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';

/** How long ago vCenter may have told us what it has, for that to count as current, seconds. */
const CURRENT_SECONDS = 60;

interface HealthRow {
  readonly id: string;
  readonly wasRead: boolean;
  readonly revision: number;
  readonly confirmedAt: Date | null;
  readonly ageSeconds: number | null;
  readonly failure: SyncProblem | null;
  readonly failedAt: Date | null;
  readonly isReading: boolean;
  readonly isWatched: boolean;
}

const HEALTH = `
  SELECT vcenter.id, vcenter.synced_at IS NOT NULL AS "wasRead", coalesce(state.revision, 0) AS revision,
    state.confirmed_at AS "confirmedAt", state.failure, state.failed_at AS "failedAt",
    floor(extract(epoch FROM now() - state.confirmed_at))::int AS "ageSeconds",
    coalesce(state.watched_until > now(), false) AS "isWatched",
    EXISTS (SELECT FROM run WHERE kind = 'sync-inventory' AND status IN ('pending', 'running')
      AND request->>'vcenterId' = vcenter.id::text) AS "isReading"
  FROM vcenter LEFT JOIN inventory_state state ON state.vcenter_id = vcenter.id
  WHERE vcenter.id = ANY ($1)`;

/** How well we know what each of these vCenters has. */
export async function inventoryHealth(
  database: DataSource,
  vcenterIds: readonly string[],
): Promise<ReadonlyMap<string, InventoryHealth>> {
  const rows = await rowsOf<HealthRow>(database, HEALTH, [vcenterIds]);
  return new Map(rows.map((row) => [row.id, healthOf(row)]));
}

function healthOf(row: HealthRow): InventoryHealth {
  const { revision, confirmedAt, ageSeconds, failure, failedAt, isReading, isWatched } = row;
  return {
    ...{ state: stateOf(row), revision, ageSeconds, isReading, isWatched },
    confirmedAt: confirmedAt?.toISOString() ?? null,
    lastProblem: failure && failedAt ? { ...failure, at: failedAt.toISOString() } : null,
  };
}

function stateOf({ failure, wasRead, ageSeconds }: HealthRow): InventoryHealth['state'] {
  if (failure) return 'failing';
  if (!wasRead) return 'never-read';
  return ageSeconds !== null && ageSeconds <= CURRENT_SECONDS ? 'current' : 'stale';
}
