import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `ALTER TABLE run
    ADD priority smallint NOT NULL DEFAULT 4, ADD policy jsonb NOT NULL DEFAULT '{}',
    ADD limits text[] NOT NULL DEFAULT '{}', ADD attempt int NOT NULL DEFAULT 0,
    ADD losses int NOT NULL DEFAULT 0, ADD expires_at timestamptz, ADD decided_by text,
    ADD relaunch_of uuid REFERENCES run ON DELETE SET NULL, DROP waiting_reason`,
  'DROP INDEX run_workable',
  // In the order in which workers take them: what has begun first, then by priority.
  `CREATE INDEX run_queue ON run ((status = 'pending'), priority DESC, due_at, id)
    WHERE status IN ('pending', 'running', 'cancelling', 'rolling_back')`,
  'CREATE INDEX run_leased ON run (lease_owner) WHERE lease_owner IS NOT NULL',
  "CREATE INDEX run_expiring ON run (expires_at) WHERE status = 'failed' AND expires_at IS NOT NULL",
  'CREATE INDEX run_relaunch ON run (relaunch_of) WHERE relaunch_of IS NOT NULL',
  `CREATE TABLE worker (
    id uuid PRIMARY KEY, name text NOT NULL, concurrency int NOT NULL, draining boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now(), seen_at timestamptz NOT NULL DEFAULT now())`,
  'CREATE TABLE run_limit (name text PRIMARY KEY, runs int NOT NULL CHECK (runs >= 0))',
  `CREATE TABLE maintenance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), reason text, set_by text NOT NULL,
    since timestamptz NOT NULL DEFAULT now())`,
];

const DOWN = [
  'DROP TABLE maintenance',
  'DROP TABLE run_limit',
  'DROP TABLE worker',
  'DROP INDEX run_relaunch',
  'DROP INDEX run_expiring',
  'DROP INDEX run_leased',
  'DROP INDEX run_queue',
  `CREATE INDEX run_workable ON run (due_at)
    WHERE status IN ('pending', 'running', 'cancelling', 'rolling_back')`,
  `ALTER TABLE run ADD waiting_reason text, DROP relaunch_of, DROP decided_by, DROP expires_at,
    DROP losses, DROP attempt, DROP limits, DROP policy, DROP priority`,
];

/** Priorities, limits, workers and maintenance. */
export class Queue1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
