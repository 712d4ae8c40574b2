import type { EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';

/** Remembers by name what the host belonged to, and lets go of all of it. */
const ARCHIVE = `
  UPDATE host SET archived_at = now(), archived_by = $2,
    archived_as = jsonb_build_object(
      'environment', (SELECT name FROM environment WHERE id = host.environment_id),
      'vcenter', (SELECT name FROM vcenter WHERE id = host.vcenter_id),
      'credential', (SELECT name FROM credential WHERE id = host.credential_id),
      'groups', (SELECT coalesce(jsonb_agg(host_group.name ORDER BY host_group.name), '[]')
        FROM host_group_member AS member JOIN host_group ON host_group.id = member.group_id
        WHERE member.host_id = host.id))
  WHERE id = $1 AND archived_at IS NULL RETURNING id`;

const LET_GO = [
  'DELETE FROM host_group_member WHERE host_id = $1',
  'DELETE FROM reservation WHERE host_id = $1',
  'DELETE FROM variable WHERE host_id = $1',
  'UPDATE host SET environment_id = NULL, vcenter_id = NULL, credential_id = NULL WHERE id = $1',
];

/**
 * Takes a host out of use within a transaction: its name and address are free, its credential, environment and vCenter
 * can be removed, and its history stays. Answers false when it is not there, or archived already.
 */
export async function archiveHost(
  manager: EntityManager,
  hostId: string,
  archivedBy: string,
): Promise<boolean> {
  const archived = await rowsOf(manager, ARCHIVE, [hostId, archivedBy]);
  for (const statement of archived.length > 0 ? LET_GO : []) {
    await manager.query(statement, [hostId]);
  }
  return archived.length > 0;
}
