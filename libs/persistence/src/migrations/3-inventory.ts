import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  // The next reading mends what cannot be told from the kind alone: a single host, an opaque network.
  `ALTER TABLE inventory_object ADD mo_type text, ADD revision int NOT NULL DEFAULT 0`,
  `UPDATE inventory_object SET mo_type = CASE
    WHEN kind = 'datacenter' THEN 'Datacenter' WHEN kind = 'cluster' THEN 'ClusterComputeResource'
    WHEN kind = 'resource-pool' THEN 'ResourcePool' WHEN kind = 'datastore' THEN 'Datastore'
    WHEN kind = 'network' AND details->>'distributed' = 'true' THEN 'DistributedVirtualPortgroup'
    WHEN kind = 'network' THEN 'Network' WHEN kind = 'folder' THEN 'Folder' ELSE 'VirtualMachine' END`,
  `ALTER TABLE inventory_object ALTER mo_type SET NOT NULL, DROP CONSTRAINT inventory_object_pkey,
    ADD PRIMARY KEY (vcenter_id, mo_type, mo_ref)`,
  'CREATE INDEX inventory_object_revision ON inventory_object (vcenter_id, revision)',
  `CREATE TABLE inventory_gone (
    vcenter_id uuid NOT NULL REFERENCES vcenter ON DELETE CASCADE, mo_type text NOT NULL, mo_ref text NOT NULL,
    kind text NOT NULL, name text NOT NULL, path text NOT NULL, revision int NOT NULL,
    gone_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (vcenter_id, mo_type, mo_ref))`,
  'CREATE INDEX inventory_gone_revision ON inventory_gone (vcenter_id, revision)',
  `CREATE TABLE inventory_state (
    vcenter_id uuid PRIMARY KEY REFERENCES vcenter ON DELETE CASCADE, instance_uuid text,
    revision int NOT NULL DEFAULT 0, forgotten_up_to int NOT NULL DEFAULT 0, confirmed_at timestamptz,
    failure jsonb, failed_at timestamptz, watcher text, watched_until timestamptz)`,
  `INSERT INTO inventory_state (vcenter_id, confirmed_at)
    SELECT id, synced_at FROM vcenter WHERE synced_at IS NOT NULL`,
];

const DOWN = [
  'DROP TABLE inventory_state',
  'DROP TABLE inventory_gone',
  'DROP INDEX inventory_object_revision',
  "DELETE FROM inventory_object WHERE kind IN ('host', 'vm')",
  `ALTER TABLE inventory_object DROP CONSTRAINT inventory_object_pkey,
    ADD PRIMARY KEY (vcenter_id, kind, mo_ref), DROP revision, DROP mo_type`,
];

/** Machines and hosts in the inventory, what changed when, and who watches a vCenter. */
export class Inventory1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
