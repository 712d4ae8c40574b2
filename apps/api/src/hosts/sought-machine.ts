import { type AdoptionRequest, InventoryName, parseIpv4 } from '@diaken/contracts';
import { InventoryObjectEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import * as z from 'zod';
import { unknownObjects } from '../deployments/unknown-objects';
import { invalid, Refusal } from '../http/refusal';

/** What our inventory tells of a virtual machine. */
const Details = z.object({
  instanceUuid: z.uuid().nullable(),
  guestHostName: z.string().nullable().default(null),
  addresses: z.array(z.string()).default([]),
});

/** A virtual machine that somebody wants to adopt. */
export interface SoughtMachine {
  readonly instanceUuid: string;
  readonly name: string;
  readonly address: string;
}

type Asked = Pick<AdoptionRequest, 'vcenterId' | 'machine' | 'name' | 'address'>;

/** Finds the machine in what was last read of its vCenter. Throws a refusal unless it is exactly one. */
export async function findSought(manager: EntityManager, asked: Asked): Promise<SoughtMachine> {
  const { vcenterId, machine: called } = asked;
  const found = await manager
    .createQueryBuilder(InventoryObjectEntity, 'object')
    .where("object.vcenterId = :vcenterId AND object.kind = 'vm'", { vcenterId })
    .andWhere(
      "(object.moRef = :called OR object.name = :called OR object.details->>'instanceUuid' = lower(:called))",
      { called },
    )
    .getMany();
  const only = exactlyOne(found, called);
  const { instanceUuid, guestHostName, addresses } = Details.parse(only.details);
  if (instanceUuid === null) {
    const message = `vCenter cannot read the configuration of ${only.name}; mend that there first`;
    throw unknownObjects([{ path: 'machine', message }]);
  }
  return {
    instanceUuid,
    name: asked.name ?? nameOf(guestHostName, only.name),
    address: asked.address ?? addressOf(addresses),
  };
}

function exactlyOne(
  found: readonly InventoryObjectEntity[],
  called: string,
): InventoryObjectEntity {
  // A MoRef or an instance UUID means one machine, whatever others are called.
  const byId = found.filter(({ name }) => name !== called);
  const [first, ...others] = byId.length === 1 ? byId : found;
  if (!first) {
    const message = `no virtual machine is called "${called}"; GET /vcenters/{id}/inventory?kind=vm lists them, POST /vcenters/{id}/sync reads them anew`;
    throw unknownObjects([{ path: 'machine', message }]);
  }
  if (others.length > 0) {
    const which = found.slice(0, 5).map(({ moRef, path }) => `${moRef} (${path})`);
    const message = `more than one virtual machine is called "${called}"; give the MoRef of one: ${which.join(', ')}`;
    throw new Refusal({
      code: 'ambiguous-object',
      detail: `machine: ${message}`,
      remedy: 'Name it by its MoRef or its instance UUID.',
      errors: [{ path: 'machine', message }],
    });
  }
  return first;
}

function nameOf(guestHostName: string | null, vmName: string): string {
  const names = [guestHostName ?? '', vmName].map((name) => InventoryName.safeParse(name).data);
  const name = names.find((one) => one !== undefined);
  if (name === undefined) {
    const message = `is missing: neither the guest nor "${vmName}" gives a name that a host may have`;
    throw invalid([{ path: 'name', message }]);
  }
  return name;
}

function addressOf(addresses: readonly string[]): string {
  const [address, ...others] = addresses.filter((one) => parseIpv4(one) !== undefined);
  if (address === undefined || others.length > 0) {
    const reported = address === undefined ? 'none' : [address, ...others].join(', ');
    const message = `is missing: VMware Tools report ${reported}; say which address to log in to`;
    throw invalid([{ path: 'address', message }]);
  }
  return address;
}
