import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Network profiles. */
export class Networks1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE network_profile (
      id uuid PRIMARY KEY, name text NOT NULL UNIQUE, description text NOT NULL,
      port_groups jsonb NOT NULL, vlan int, cidr text NOT NULL, gateway text, dns text[] NOT NULL,
      domain text, ranges jsonb NOT NULL, exclusions jsonb NOT NULL,
      created_at timestamptz(3) NOT NULL DEFAULT now())`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE network_profile');
  }
}
