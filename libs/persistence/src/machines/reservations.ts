import { API_PREFIX, type Holder, ROUTES, runPath } from '@diaken/contracts';
import type { EntityManager } from 'typeorm';
import { HostEntity, ReservationEntity } from '../entities/machine.entity';
import { RunEntity } from '../entities/run.entity';

/** Who has the name or the address; undefined when nobody has. */
export async function holderOf(
  manager: EntityManager,
  kind: 'hostname' | 'address',
  value: string,
): Promise<Holder | undefined> {
  const held = await manager.findOneBy(ReservationEntity, { kind, value });
  if (held?.hostId) {
    const host = await manager.findOneBy(HostEntity, { id: held.hostId });
    return host
      ? {
          type: 'host',
          id: host.id,
          name: host.name,
          link: `${API_PREFIX}/${ROUTES.hosts}/${host.id}`,
        }
      : undefined;
  }
  const run = held?.runId ? await manager.findOneBy(RunEntity, { id: held.runId }) : null;
  return run ? { type: 'run', id: run.id, name: run.target, link: runPath(run.id) } : undefined;
}
