import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `CREATE TABLE template_profile (
    id uuid PRIMARY KEY, vcenter_id uuid NOT NULL REFERENCES vcenter ON DELETE CASCADE,
    template_mo_ref text NOT NULL, name text NOT NULL, settings jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(), UNIQUE (vcenter_id, template_mo_ref))`;

/** How the guests of each template are made ready. */
export class Guests1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE template_profile');
  }
}
