import { API_PREFIX, type Holder, ROUTES, runPath } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { rowsOf } from '../runs/transaction';
import { IS_WORKABLE } from '../runs/workable';

/** The most that are listed. */
const MOST_LISTED = 200;

/** A run's request may name a credential in any of its fields. */
const USERS = `
  SELECT 'host' AS type, id, name FROM host WHERE credential_id = $1
  UNION ALL
  SELECT 'project', id, name FROM project WHERE credential_id = $1
  UNION ALL
  SELECT 'run', id, target FROM run
  WHERE ${IS_WORKABLE} AND strpos(request::text, $2) > 0
  ORDER BY type, name, id LIMIT ${MOST_LISTED}`;

/** Who needs the credential: hosts, projects, and runs that have not ended; the first 200 of them. */
export async function credentialUsers(
  manager: DataSource | EntityManager,
  id: string,
): Promise<Holder[]> {
  const rows = await rowsOf<Omit<Holder, 'link'>>(manager, USERS, [id, id]);
  return rows.map((user) => ({
    ...user,
    link: linkTo(user),
  }));
}

function linkTo({ type, id }: Pick<Holder, 'type' | 'id'>): string {
  return type === 'run' ? runPath(id) : `${API_PREFIX}/${ROUTES[`${type}s`]}/${id}`;
}
