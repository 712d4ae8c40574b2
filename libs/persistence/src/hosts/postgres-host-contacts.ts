import type { HostContact } from '@diaken/contracts';
import { type ContactHost, HostContacts } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';

const FIND = `
  SELECT id, name, address, ssh_port AS "sshPort", credential_id AS "credentialId", host_key AS "hostKey",
    CASE WHEN vcenter_id IS NOT NULL
      THEN jsonb_build_object('vcenterId', vcenter_id, 'instanceUuid', vm_instance_uuid) END AS machine
  FROM host WHERE id = ANY($1) AND archived_at IS NULL ORDER BY name`;

const REACHED = `
  UPDATE host SET host_key = $3, checked_at = now(), checked_by_run = $1, check_failure = NULL,
    reachable_since = coalesce(reachable_since, now())
  WHERE id = $2 AND archived_at IS NULL AND coalesce(host_key, $3) = $3 AND address = $4 AND ssh_port = $5`;

/** Done again after a crash it finds the new key in place of the old one. */
const PIN = `
  UPDATE host SET host_key = $3, checked_at = now(), checked_by_run = $1, check_failure = NULL,
    reachable_since = coalesce(reachable_since, now())
  WHERE id = $2 AND archived_at IS NULL AND address = $4 AND ssh_port = $5
    AND (host_key IS NOT DISTINCT FROM $6 OR host_key = $3) RETURNING id`;

const NOT_REACHED = `
  UPDATE host SET checked_at = now(), checked_by_run = $1, check_failure = $3, reachable_since = NULL
  WHERE id = $2 AND archived_at IS NULL`;

/** The contacts of hosts in PostgreSQL. */
export class PostgresHostContacts extends HostContacts {
  constructor(private readonly database: DataSource) {
    super();
  }

  override find(hostIds: readonly string[]): Promise<readonly ContactHost[]> {
    return rowsOf<ContactHost>(this.database, FIND, [hostIds]);
  }

  override async pin(runId: string, host: ContactHost, hostKey: string): Promise<boolean> {
    const { id, address, sshPort, hostKey: before } = host;
    const values = [runId, id, hostKey, address, sshPort, before];
    return (await rowsOf(this.database, PIN, values)).length > 0;
  }

  override async reached(runId: string, host: ContactHost, hostKey: string): Promise<void> {
    const { id, address, sshPort } = host;
    await this.database.query(REACHED, [runId, id, hostKey, address, sshPort]);
  }

  override async notReached(
    runId: string,
    hostId: string,
    failure: NonNullable<HostContact['failure']>,
  ): Promise<void> {
    await this.database.query(NOT_REACHED, [runId, hostId, failure]);
  }
}
