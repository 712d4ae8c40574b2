import { randomUUID } from 'node:crypto';
import { HostRegister, type NewHost, ProvisioningFailure } from '@diaken/provisioning';
import { type DataSource, IsNull } from 'typeorm';
import { HostEntity, ReservationEntity } from '../entities/machine.entity';
import { archiveHost } from '../hosts/archive-host';

/** Hosts in PostgreSQL; a run makes at most one. */
export class PostgresHostRegister extends HostRegister {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async register({ groupIds, ...host }: NewHost): Promise<string> {
    const { createdByRun, environmentId } = host;
    return this.database.transaction(async (manager) => {
      const now = new Date();
      const isReached = host.hostKey !== null;
      const reached = { checkedAt: now, checkedByRun: createdByRun, reachableSince: now };
      await manager
        .createQueryBuilder()
        .insert()
        .into(HostEntity)
        .values({
          id: randomUUID(),
          createdAt: now,
          description: '',
          ...(isReached && reached),
          ...host,
        })
        .orIgnore()
        .execute();
      const registered = await manager.findOneBy(HostEntity, { createdByRun });
      if (!registered) {
        throw alreadyThere(host);
      }
      const { id } = registered;
      await manager.update(ReservationEntity, { runId: createdByRun }, { hostId: id });
      // A group that has been removed meanwhile is no reason to fail.
      await manager.query(
        `INSERT INTO host_group_member (host_id, group_id, environment_id)
         SELECT $1, id, environment_id FROM host_group WHERE id = ANY($2) AND environment_id = $3
         ON CONFLICT DO NOTHING`,
        [id, groupIds, environmentId],
      );
      return id;
    });
  }

  override has(hostId: string): Promise<boolean> {
    return this.database.manager.existsBy(HostEntity, { id: hostId, archivedAt: IsNull() });
  }

  override async archive(hostId: string, archivedBy: string): Promise<void> {
    await this.database.transaction((manager) => archiveHost(manager, hostId, archivedBy));
  }

  override async unregister(runId: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.update(ReservationEntity, { runId }, { hostId: null });
      await manager.delete(HostEntity, { createdByRun: runId });
    });
  }
}

function alreadyThere({ name, vmMoRef }: Pick<NewHost, 'name' | 'vmMoRef'>): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'already-a-host',
    cause: `Meanwhile the virtual machine ${vmMoRef}, or the name ${name}, has become another host's.`,
    remedy: 'Roll the run back, or archive that host and resume the run.',
  });
}
