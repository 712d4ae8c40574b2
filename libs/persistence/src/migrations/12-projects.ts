import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `CREATE TABLE project (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, url text NOT NULL, ref text NOT NULL,
    credential_id uuid REFERENCES credential, ca_pem text, host_key text, commit text, synced_at timestamptz,
    sync_run_id uuid REFERENCES run ON DELETE SET NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  'CREATE INDEX project_credential ON project (credential_id) WHERE credential_id IS NOT NULL',
  'CREATE INDEX project_run ON project (sync_run_id) WHERE sync_run_id IS NOT NULL',
  `CREATE TABLE project_tree (
    project_id uuid NOT NULL REFERENCES project ON DELETE CASCADE, commit text NOT NULL, files jsonb NOT NULL,
    PRIMARY KEY (project_id, commit))`,
  `ALTER TABLE library_item ADD project_id uuid REFERENCES project ON DELETE CASCADE, ADD path text,
    ADD CHECK (num_nonnulls(project_id, path) IN (0, 2)), ADD UNIQUE (project_id, path)`,
  'ALTER TABLE library_version ADD commit text',
];

const DOWN = [
  'DELETE FROM library_item WHERE project_id IS NOT NULL',
  'ALTER TABLE library_version DROP commit',
  'ALTER TABLE library_item DROP project_id, DROP path',
  'DROP TABLE project_tree',
  'DROP TABLE project',
];

/** Git projects as a source of playbooks. */
export class Projects1765500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
