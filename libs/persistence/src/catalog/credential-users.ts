import { API_PREFIX, type Holder, ROUTES } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_WORKABLE } from '../runs/workable';

/** The most that are listed. */
const MOST_LISTED = 200;

/** The requests of runs and blueprints may name a credential in any of their fields. */
const USERS = `
  SELECT 'host' AS type, id, name FROM host WHERE credential_id = $1
  UNION ALL
  SELECT 'project', id, name FROM project WHERE credential_id = $1
  UNION ALL
  SELECT 'run', id, target FROM run
  WHERE ${IS_WORKABLE} AND strpos(request::text, $2) > 0
  UNION ALL
  SELECT 'blueprint', id, name FROM blueprint WHERE strpos(request::text || choices::text, $2) > 0
  ORDER BY type, name, id LIMIT ${MOST_LISTED}`;

const PATHS = {
  host: `${API_PREFIX}/${ROUTES.hosts}`,
  run: `${API_PREFIX}/${ROUTES.runs}`,
  project: `${API_PREFIX}/${ROUTES.projects}`,
  blueprint: `${API_PREFIX}/${ROUTES.blueprints}`,
} as const;

/** Who needs the credential: hosts, projects, blueprints, and runs that have not ended; the first 200 of them. */
export async function credentialUsers(
  manager: DataSource | EntityManager,
  id: string,
): Promise<Holder[]> {
  const rows = await rowsOf<Omit<Holder, 'link'>>(manager, USERS, [id, id]);
  return rows.map((user) => ({ ...user, link: `${PATHS[user.type]}/${user.id}` }));
}
