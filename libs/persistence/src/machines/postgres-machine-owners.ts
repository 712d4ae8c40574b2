import { type HostMachine, MachineOwners, type MakerRun } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { IS_WORKABLE } from '../runs/workable';
import { rowsOf } from '../runs/transaction';

/** Ids that one statement asks about. */
const IDS_AT_ONCE = 1_000;

/** One statement, so that a host which is registered meanwhile is never missed. */
const RUNS = `
  SELECT asked.id AS "runId", run.status, run.cancel IS NOT DISTINCT FROM 'keep' AS "isKept",
    EXISTS (SELECT FROM host WHERE host.archived_at IS NULL
      AND (host.created_by_run = asked.id OR host.vm_instance_uuid = asked.id)) AS "hasHost",
    asked.id::text IN (SELECT request ->> 'vmInstanceUuid' FROM run
      WHERE kind = 'decommission' AND status = 'success') AS "isDecommissioned"
  FROM unnest($1::uuid[]) AS asked (id) LEFT JOIN run ON run.id = asked.id
  WHERE run.id IS NOT NULL
    OR EXISTS (SELECT FROM host WHERE host.created_by_run = asked.id OR host.vm_instance_uuid = asked.id)`;

const HOSTS = `
  SELECT id AS "hostId", name, vm_mo_ref AS "vmMoRef", vm_instance_uuid AS "vmInstanceUuid",
    id::text IN (
      SELECT request ->> 'hostId' FROM run WHERE kind = 'decommission' AND ${IS_WORKABLE}) AS "isLeaving"
  FROM host WHERE vcenter_id = $1 ORDER BY name`;

/** What PostgreSQL knows of the runs and hosts that machines belong to. */
export class PostgresMachineOwners extends MachineOwners {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async runs(ids: readonly string[]): Promise<readonly MakerRun[]> {
    const found: MakerRun[] = [];
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
      const some = ids.slice(from, from + IDS_AT_ONCE);
      found.push(...(await rowsOf<MakerRun>(this.database, RUNS, [some])));
    }
    return found;
  }

  override hosts(vcenterId: string): Promise<readonly HostMachine[]> {
    return rowsOf<HostMachine>(this.database, HOSTS, [vcenterId]);
  }
}
