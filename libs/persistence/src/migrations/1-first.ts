import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `CREATE TABLE app_user (
    id uuid PRIMARY KEY, username text NOT NULL UNIQUE, password_hash text NOT NULL, role text NOT NULL,
    must_change_password boolean NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE TABLE user_session (
    token_hash text PRIMARY KEY, user_id uuid NOT NULL REFERENCES app_user ON DELETE CASCADE,
    expires_at timestamptz NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE TABLE api_token (
    id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES app_user ON DELETE CASCADE, name text NOT NULL,
    token_hash text NOT NULL UNIQUE, scopes jsonb, expires_at timestamptz NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), UNIQUE (user_id, name))`,
  `CREATE TABLE credential (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, kind text NOT NULL, username text NOT NULL,
    sealed_secrets text NOT NULL, fingerprint text NOT NULL, has_become_password boolean NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE TABLE playbook (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL, content text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE environment (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE TABLE vcenter (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, url text NOT NULL, username text NOT NULL,
    sealed_password text NOT NULL, tls jsonb NOT NULL, synced_at timestamptz,
    created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE inventory_object (
    vcenter_id uuid NOT NULL REFERENCES vcenter ON DELETE CASCADE, kind text NOT NULL, mo_ref text NOT NULL,
    name text NOT NULL, path text NOT NULL, datacenter text, parent text, details jsonb NOT NULL,
    PRIMARY KEY (vcenter_id, kind, mo_ref))`,
  'CREATE INDEX inventory_object_name ON inventory_object (vcenter_id, kind, name)',
  `CREATE TABLE run (
    id uuid PRIMARY KEY, kind text NOT NULL, status text NOT NULL, target text NOT NULL, request jsonb NOT NULL,
    requested_by text NOT NULL, idempotency_key text, request_hash text, failure jsonb, cancel text,
    waiting_reason text, progress real NOT NULL DEFAULT 0, current_step text, revision int NOT NULL DEFAULT 0,
    log_lines int NOT NULL DEFAULT 0, lease_owner text, lease_token int NOT NULL DEFAULT 0,
    lease_until timestamptz, due_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(), started_at timestamptz, ended_at timestamptz,
    UNIQUE (requested_by, idempotency_key))`,
  'CREATE INDEX run_history ON run (created_at DESC, id DESC)',
  `CREATE INDEX run_workable ON run (due_at)
    WHERE status IN ('pending', 'running', 'cancelling', 'rolling_back')`,
  `CREATE TABLE run_step (
    run_id uuid NOT NULL REFERENCES run ON DELETE CASCADE, position int NOT NULL, name text NOT NULL,
    title text NOT NULL, weight real NOT NULL, status text NOT NULL DEFAULT 'pending',
    attempts int NOT NULL DEFAULT 0, progress real NOT NULL DEFAULT 0, message text,
    notes jsonb NOT NULL DEFAULT '{}', gives jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz, ended_at timestamptz,
    PRIMARY KEY (run_id, name))`,
  `CREATE TABLE run_event (
    id bigserial PRIMARY KEY, run_id uuid NOT NULL REFERENCES run ON DELETE CASCADE, type text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), body jsonb NOT NULL)`,
  'CREATE INDEX run_event_run ON run_event (run_id, id)',
  `CREATE TABLE run_log_chunk (
    run_id uuid NOT NULL REFERENCES run ON DELETE CASCADE, first_line int NOT NULL, line_count int NOT NULL,
    lines bytea NOT NULL, PRIMARY KEY (run_id, first_line))`,
  // The lines are compressed before they come here.
  'ALTER TABLE run_log_chunk ALTER COLUMN lines SET STORAGE EXTERNAL',
  `CREATE TABLE host_result (
    run_id uuid NOT NULL REFERENCES run ON DELETE CASCADE, step text NOT NULL, playbook text NOT NULL,
    host text NOT NULL, result jsonb NOT NULL, PRIMARY KEY (run_id, step, playbook, host))`,
  `CREATE TABLE host (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, address text NOT NULL, ssh_port int NOT NULL,
    os_family text NOT NULL, host_key text NOT NULL, credential_id uuid NOT NULL REFERENCES credential,
    environment_id uuid REFERENCES environment, vcenter_id uuid NOT NULL REFERENCES vcenter,
    vm_mo_ref text NOT NULL, vm_instance_uuid uuid NOT NULL, created_by_run uuid NOT NULL UNIQUE,
    created_at timestamptz(3) NOT NULL DEFAULT now())`,
  `CREATE TABLE reservation (
    kind text NOT NULL, value text NOT NULL, run_id uuid REFERENCES run ON DELETE CASCADE,
    host_id uuid REFERENCES host ON DELETE CASCADE, PRIMARY KEY (kind, value),
    CHECK (num_nonnulls(run_id, host_id) >= 1))`,
  'CREATE INDEX reservation_run ON reservation (run_id)',
  'CREATE INDEX reservation_host ON reservation (host_id)',
];

const TABLES = [
  ...['reservation', 'host', 'host_result', 'run_log_chunk', 'run_event', 'run_step', 'run'],
  ...['inventory_object', 'vcenter', 'environment', 'playbook', 'credential'],
  ...['api_token', 'user_session', 'app_user'],
];

/** The first tables. */
export class First1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
