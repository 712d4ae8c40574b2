import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `CREATE TABLE library_item (
    id uuid PRIMARY KEY, kind text NOT NULL, name text NOT NULL, description text NOT NULL,
    details jsonb NOT NULL, current int, latest int NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, name))`,
  `CREATE TABLE library_version (
    item_id uuid NOT NULL REFERENCES library_item ON DELETE CASCADE, number int NOT NULL,
    content text NOT NULL, author text NOT NULL, note text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), state text NOT NULL, message text, line int,
    check_run_id uuid REFERENCES run ON DELETE SET NULL, PRIMARY KEY (item_id, number))`,
  'CREATE INDEX library_version_run ON library_version (check_run_id) WHERE check_run_id IS NOT NULL',
  `INSERT INTO library_item (id, kind, name, description, details, current, latest, created_at, updated_at)
    SELECT id, 'playbook', name, description, '{"osFamily": "any", "targetType": "any"}', 1, 1,
      created_at, updated_at FROM playbook`,
  // They have been in use, and nobody had checked them.
  `INSERT INTO library_version (item_id, number, content, author, note, created_at, state)
    SELECT id, 1, content, '', '', updated_at, 'unchecked' FROM playbook`,
  'DROP TABLE playbook',
];

/** Only playbooks go back, each with the text that was in use. */
const DOWN = [
  `CREATE TABLE playbook (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL, content text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`,
  `INSERT INTO playbook (id, name, description, content, created_at, updated_at)
    SELECT item.id, name, description, content, item.created_at, updated_at
    FROM library_item AS item JOIN library_version ON item_id = item.id AND number = coalesce(current, latest)
    WHERE kind = 'playbook'`,
  'DROP TABLE library_version',
  'DROP TABLE library_item',
];

/** Playbooks, scripts and templates with versions. */
export class Library1765100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
