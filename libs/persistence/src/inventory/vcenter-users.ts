import type { DataSource } from 'typeorm';
import { vcenterLimit } from '../queue/limits';
import { rowsOf } from '../runs/transaction';

/** What would be left without its vCenter. */
export interface VCenterUser {
  readonly kind: 'host' | 'run';
  readonly name: string;
}

/** Runs that act in a vCenter count for its limit; those that only read it do not need it to stay. */
const USERS = `
  SELECT 'host' AS kind, name FROM host WHERE vcenter_id = $1
  UNION ALL SELECT 'run', format('%s (%s)', id, target) FROM run
  WHERE status IN ('pending', 'running', 'cancelling', 'rolling_back') AND $2 = ANY (limits)
  ORDER BY kind, name`;

/** Hosts in the vCenter, and runs that go on there. */
export function usersOfVCenter(
  database: DataSource,
  vcenterId: string,
): Promise<readonly VCenterUser[]> {
  return rowsOf<VCenterUser>(database, USERS, [vcenterId, vcenterLimit(vcenterId)]);
}
