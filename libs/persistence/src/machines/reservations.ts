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
    return host ? hostHolder(host) : undefined;
  }
  const run = held?.runId ? await manager.findOneBy(RunEntity, { id: held.runId }) : null;
  return run ? runHolder(run) : undefined;
}

/** A host as the holder of something. */
export function hostHolder({ id, name }: Pick<HostEntity, 'id' | 'name'>): Holder {
  return { type: 'host', id, name, link: `${API_PREFIX}/${ROUTES.hosts}/${id}` };
}

/** A run as the holder of something. */
export function runHolder({ id, target }: Pick<RunEntity, 'id' | 'target'>): Holder {
  return { type: 'run', id, name: target, link: runPath(id) };
}
