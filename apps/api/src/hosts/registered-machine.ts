import { isSettled, type RegisteredMachine } from '@diaken/contracts';
import { HostEntity, RunEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { notFound, Refusal } from '../http/refusal';
import { archivedAlready } from './kept-hosts';

/** A host, as runs that do something to its machine are told of it. */
export interface HostAtRest {
  readonly machine: RegisteredMachine;
  /** Status of the run that made it; null: there is no such run. */
  readonly maker: RunEntity['status'] | null;
}

/** Throws a refusal when there is no such host in use, when it is no machine, or while a run still makes it. */
export async function hostAtRest(manager: EntityManager, id: string): Promise<HostAtRest> {
  const host = await manager.findOneBy(HostEntity, { id });
  if (!host) {
    throw notFound('host', id);
  }
  const machine = machineOf(host);
  const { createdByRun } = machine;
  const maker = createdByRun && (await manager.findOneBy(RunEntity, { id: createdByRun }));
  if (maker && !isSettled(maker.status)) {
    throw new Refusal({
      code: 'still-in-use',
      detail: `The run ${maker.id} still works on ${host.name}.`,
      remedy: 'Wait until it has ended (GET /runs/{id}/wait), or cancel it.',
    });
  }
  return { machine, maker: maker ? maker.status : null };
}

function machineOf(host: HostEntity): RegisteredMachine {
  const { id: hostId, name: hostname, vcenterId, vmMoRef, vmInstanceUuid, createdByRun } = host;
  if (host.archivedAt) {
    throw archivedAlready();
  }
  if (vcenterId === null || vmMoRef === null || vmInstanceUuid === null) {
    throw new Refusal({
      code: 'action-not-allowed',
      detail: `No machine in a vCenter is known for ${hostname}.`,
      remedy: 'Do it where the host runs. DELETE /hosts/{id} archives the host.',
    });
  }
  return { hostId, hostname, vcenterId, vmMoRef, vmInstanceUuid, createdByRun };
}
