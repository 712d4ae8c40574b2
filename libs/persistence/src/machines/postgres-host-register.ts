import { randomUUID } from 'node:crypto';
import { HostRegister, type NewHost } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { HostEntity, ReservationEntity } from '../entities/machine.entity';

/** Hosts in PostgreSQL; a run makes at most one. */
export class PostgresHostRegister extends HostRegister {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async register(host: NewHost): Promise<string> {
    return this.database.transaction(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(HostEntity)
        .values({ id: randomUUID(), createdAt: new Date(), ...host })
        .orIgnore()
        .execute();
      const { id } = await manager.findOneByOrFail(HostEntity, { createdByRun: host.createdByRun });
      await manager.update(ReservationEntity, { runId: host.createdByRun }, { hostId: id });
      return id;
    });
  }

  override async unregister(runId: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.update(ReservationEntity, { runId }, { hostId: null });
      await manager.delete(HostEntity, { createdByRun: runId });
    });
  }
}
