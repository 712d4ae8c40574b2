import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the machine that reports an address, and pages through machines. */
export class Addresses1765600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX inventory_object_addresses ON inventory_object
      USING gin ((details->'addresses')) WHERE kind = 'vm'`);
    await runner.query(`CREATE INDEX inventory_object_machine ON inventory_object
      (name, (mo_ref || ' ' || vcenter_id::text)) WHERE kind = 'vm'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX inventory_object_machine');
    await runner.query('DROP INDEX inventory_object_addresses');
  }
}
