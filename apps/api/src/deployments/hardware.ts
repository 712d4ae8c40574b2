import type {
  DeploymentRequest,
  ExtraHardware,
  FieldProblem,
  MachineRequest,
  ObjectRef,
  PlacedDisk,
  PlacedNetwork,
} from '@diaken/contracts';
import { type InventoryObjectEntity, SizeEntity } from '@diaken/persistence';
import type { EntityManager } from 'typeorm';
import { invalid } from '../http/refusal';
import { InventoryLookup, toRef } from './inventory-lookup';
import { refusalOf } from './placement';
import { unknownObjects } from './unknown-objects';

/** CPUs, memory and first disk of a machine. */
export type SizedHardware = Pick<MachineRequest, 'cpus' | 'memoryMb' | 'diskGb'>;

/** What a request says of them itself, and of the rest what the size says that it names. Throws a refusal. */
export async function sizedHardware(
  manager: EntityManager,
  request: DeploymentRequest,
): Promise<SizedHardware> {
  const { size } = request;
  const preset = size === undefined ? {} : presetOf(await findSize(manager, size));
  const { cpus, memoryMb, diskGb } = { ...preset, ...request };
  if (cpus === undefined || memoryMb === undefined) {
    throw invalid([...missing('cpus', cpus), ...missing('memoryMb', memoryMb)]);
  }
  return { cpus, memoryMb, ...(diskGb !== undefined && { diskGb }) };
}

function presetOf({ cpus, memoryMb, diskGb }: SizeEntity): SizedHardware {
  return { cpus, memoryMb, ...(diskGb !== null && { diskGb }) };
}

function missing(path: string, value: number | undefined): FieldProblem[] {
  return value === undefined ? [{ path, message: 'is missing; give it, or name a size' }] : [];
}

async function findSize(manager: EntityManager, name: string): Promise<SizeEntity> {
  const size = await manager.findOneBy(SizeEntity, { name });
  if (!size) {
    const message = `no size is called "${name}"; GET /sizes lists them`;
    throw unknownObjects([{ path: 'size', message }]);
  }
  return size;
}

/** Throws a refusal when a further adapter of a request has the address of another adapter, or of another machine asked for. */
export function refuseSharedAddresses(
  request: DeploymentRequest,
  all: readonly DeploymentRequest[] = [request],
): void {
  const asked = all.flatMap(({ network, extraNetworks }) =>
    [network, ...extraNetworks].flatMap(({ address }) => address ?? []),
  );
  const shared = request.extraNetworks.flatMap(({ address }, index) =>
    asked.filter((other) => other === address).length > 1
      ? [{ path: `extraNetworks.${index}.address`, message: SHARED }]
      : [],
  );
  if (shared.length > 0) {
    throw invalid(shared);
  }
}

const SHARED = 'is asked for by another network adapter, too; each has an address of its own';

/** Names and MoRefs that a request uses for its further disks and networks. */
export function calledByExtras({ extraDisks, extraNetworks }: DeploymentRequest): string[] {
  const datastores = extraDisks.flatMap(({ datastore }) => datastore ?? []);
  return [...datastores, ...extraNetworks.map(({ portGroup }) => portGroup)];
}

/** Resolves the datastores and port groups of further disks and adapters. Throws a refusal that lists all problems. */
export function extraHardwareOf(
  { extraDisks, extraNetworks }: DeploymentRequest,
  objects: readonly InventoryObjectEntity[],
  { moRef: within }: ObjectRef,
): ExtraHardware {
  const lookup = new InventoryLookup(objects);
  const find = (kind: 'datastore' | 'network', called: string, path: string) =>
    lookup.find({ kind, called, path, datacenter: within });
  const disks = extraDisks.map(({ datastore: called, ...disk }, index): PlacedDisk => {
    const path = `extraDisks.${index}.datastore`;
    const found = called === undefined ? undefined : find('datastore', called, path);
    return { ...disk, datastore: found ? toRef(found) : null };
  });
  const networks = extraNetworks.flatMap(({ portGroup, ...network }, index): PlacedNetwork[] => {
    const found = find('network', portGroup, `extraNetworks.${index}.portGroup`);
    return found ? [{ ...network, portGroup: toRef(found) }] : [];
  });
  if (lookup.problems.length > 0) {
    throw refusalOf(lookup);
  }
  return { disks, networks };
}
