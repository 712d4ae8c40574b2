import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Credentials of more kinds than SSH keys. */
export class Credentials1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE credential ALTER username DROP NOT NULL, ALTER fingerprint DROP NOT NULL,
        ADD winrm jsonb, ADD certificate jsonb, ADD updated_at timestamptz(3) NOT NULL DEFAULT now()`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE credential SET username = coalesce(username, ''), fingerprint = coalesce(fingerprint, '')`,
    );
    await runner.query(
      `ALTER TABLE credential ALTER username SET NOT NULL, ALTER fingerprint SET NOT NULL,
        DROP winrm, DROP certificate, DROP updated_at`,
    );
  }
}
