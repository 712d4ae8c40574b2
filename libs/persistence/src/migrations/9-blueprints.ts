import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `CREATE TABLE batch (
    id uuid PRIMARY KEY, name text NOT NULL, requested_by text NOT NULL, idempotency_key text,
    request_hash text, created_at timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE (requested_by, idempotency_key))`,
  'CREATE INDEX batch_newest ON batch (created_at DESC, id DESC)',
  `ALTER TABLE run ADD batch_id uuid REFERENCES batch ON DELETE SET NULL, ADD batch_place int`,
  'CREATE INDEX run_batch ON run (batch_id, batch_place) WHERE batch_id IS NOT NULL',
  `CREATE TABLE blueprint (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL, request jsonb NOT NULL,
    choices jsonb NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now())`,
];

const DOWN = [
  'DROP TABLE blueprint',
  'DROP INDEX run_batch',
  'ALTER TABLE run DROP batch_place, DROP batch_id',
  'DROP TABLE batch',
];

/** Batches, and blueprints of machines. */
export class Blueprints1765200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runStatements(runner, DOWN);
  }
}
