import type { MigrationInterface, QueryRunner } from 'typeorm';
import { runStatements } from './run-statements';

const UP = [
  `CREATE TABLE size (
    id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL DEFAULT '',
    cpus int NOT NULL CHECK (cpus > 0), memory_mb int NOT NULL CHECK (memory_mb > 0), disk_gb int CHECK (disk_gb > 0),
    created_at timestamptz(3) NOT NULL DEFAULT now())`,
  "ALTER TABLE template_profile ADD limits jsonb NOT NULL DEFAULT '{}'",
];

/** Sizes: hardware that requests ask for by its name; and how much of it they may. */
export class Sizes1765300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runStatements(runner, UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE template_profile DROP limits');
    await runner.query('DROP TABLE size');
  }
}
