import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  'ALTER TABLE host DROP CONSTRAINT host_name_key',
  `ALTER TABLE host
    ALTER host_key DROP NOT NULL, ALTER credential_id DROP NOT NULL, ALTER vcenter_id DROP NOT NULL,
    ALTER vm_mo_ref DROP NOT NULL, ALTER vm_instance_uuid DROP NOT NULL, ALTER created_by_run DROP NOT NULL,
    ADD description text NOT NULL DEFAULT '', ADD checked_at timestamptz, ADD checked_by_run uuid,
    ADD reachable_since timestamptz, ADD check_failure jsonb,
    ADD archived_at timestamptz, ADD archived_by text, ADD archived_as jsonb,
    ADD CONSTRAINT host_active CHECK (archived_at IS NOT NULL OR (credential_id IS NOT NULL
      AND num_nulls(vcenter_id, vm_mo_ref, vm_instance_uuid) IN (0, 3))),
    ADD CONSTRAINT host_in_environment UNIQUE (id, environment_id)`,
  'CREATE UNIQUE INDEX host_active_name ON host (name) WHERE archived_at IS NULL',
  `CREATE UNIQUE INDEX host_machine ON host (vcenter_id, vm_instance_uuid)
    WHERE archived_at IS NULL AND vcenter_id IS NOT NULL`,
  'CREATE INDEX host_environment ON host (environment_id)',
  `CREATE TABLE host_group (
    id uuid PRIMARY KEY, environment_id uuid NOT NULL REFERENCES environment, name text NOT NULL,
    description text NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE (environment_id, name), UNIQUE (id, environment_id))`,
  // The environment stands here, too, so that a host is never in a group of another one.
  `CREATE TABLE host_group_member (
    host_id uuid NOT NULL, group_id uuid NOT NULL, environment_id uuid NOT NULL,
    PRIMARY KEY (host_id, group_id),
    FOREIGN KEY (host_id, environment_id) REFERENCES host (id, environment_id) ON DELETE CASCADE,
    FOREIGN KEY (group_id, environment_id) REFERENCES host_group (id, environment_id))`,
  'CREATE INDEX host_group_member_group ON host_group_member (group_id)',
  `CREATE TABLE variable (
    id uuid PRIMARY KEY, environment_id uuid REFERENCES environment ON DELETE CASCADE,
    group_id uuid REFERENCES host_group ON DELETE CASCADE, host_id uuid REFERENCES host ON DELETE CASCADE,
    name text NOT NULL, type text NOT NULL, value jsonb, sealed_value text, section text NOT NULL,
    description text NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(environment_id, group_id, host_id) <= 1),
    CHECK (CASE type WHEN 'secret' THEN value IS NULL AND sealed_value IS NOT NULL
      ELSE value IS NOT NULL AND sealed_value IS NULL END))`,
  `CREATE UNIQUE INDEX variable_name ON variable (name,
    coalesce(environment_id, group_id, host_id, '00000000-0000-0000-0000-000000000000'))`,
  'CREATE INDEX variable_environment ON variable (environment_id)',
  'CREATE INDEX variable_group ON variable (group_id)',
  'CREATE INDEX variable_host ON variable (host_id)',
];

const DOWN = [
  'DROP TABLE variable',
  'DROP TABLE host_group_member',
  'DROP TABLE host_group',
  // Such hosts there could not be before.
  `DELETE FROM host WHERE archived_at IS NOT NULL OR vcenter_id IS NULL OR host_key IS NULL
    OR created_by_run IS NULL`,
  'DROP INDEX host_environment',
  'DROP INDEX host_machine',
  'DROP INDEX host_active_name',
  `ALTER TABLE host DROP CONSTRAINT host_in_environment, DROP CONSTRAINT host_active,
    DROP archived_as, DROP archived_by, DROP archived_at, DROP check_failure, DROP reachable_since,
    DROP checked_by_run, DROP checked_at, DROP description,
    ALTER created_by_run SET NOT NULL, ALTER vm_instance_uuid SET NOT NULL, ALTER vm_mo_ref SET NOT NULL,
    ALTER vcenter_id SET NOT NULL, ALTER credential_id SET NOT NULL, ALTER host_key SET NOT NULL,
    ADD CONSTRAINT host_name_key UNIQUE (name)`,
];

/** Hosts that people enter, groups, archived hosts, and variables. */
export class Hosts1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
