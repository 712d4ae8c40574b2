import type { InventoryKind, InventoryObject } from '@diaken/contracts';
import type { ConnectedVCenter } from '../connected-vcenter';
import { capacityOf, DEVICES, disksOf } from '../machines/devices';
import { type ObjectProperties, type Properties, retrieve } from '../properties/retrieve';
import {
  type MoRef,
  moRefOf,
  numberOf,
  objectsOf,
  sameMoRef,
  textOf,
  type VimValue,
} from '../soap/vim-value';
import { wholeInventory } from './inventory-selection';
import { InventoryTree } from './inventory-tree';

type Details = Record<string, unknown>;

const KINDS: Readonly<Record<string, InventoryKind>> = {
  Datacenter: 'datacenter',
  ClusterComputeResource: 'cluster',
  ComputeResource: 'cluster',
  ResourcePool: 'resource-pool',
  Datastore: 'datastore',
  Network: 'network',
  DistributedVirtualPortgroup: 'network',
  Folder: 'folder',
  VirtualMachine: 'template',
};

const TEMPLATE_PATHS = [
  'config.guestFullName',
  'config.hardware.numCPU',
  'config.hardware.memoryMB',
  DEVICES,
];

/** Reads datacenters, clusters, pools, datastores, networks, VM folders and templates. */
export async function readInventory(
  { connection }: ConnectedVCenter,
  signal: AbortSignal,
): Promise<readonly InventoryObject[]> {
  const root = await connection.serviceObject('rootFolder', signal);
  const tree = new InventoryTree(await retrieve(connection, [wholeInventory(root)], signal));
  const wanted = tree.objects.filter((each) => isWanted(each, tree));
  const templates = await readTemplates(
    { connection },
    wanted.filter(isMachine).map(({ object }) => object),
    signal,
  );
  return wanted.map((each) => {
    const details = isMachine(each)
      ? templateDetails(templates.get(each.object.value) ?? {})
      : detailsOf(each, tree);
    return inventoryObject(each, tree, details);
  });
}

/** Hardware of the templates only: that of thousands of machines would be megabytes. */
async function readTemplates(
  { connection }: Pick<ConnectedVCenter, 'connection'>,
  templates: readonly MoRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Properties>> {
  if (templates.length === 0) return new Map();
  const selection = {
    sets: [{ type: 'VirtualMachine', paths: TEMPLATE_PATHS }],
    starts: templates.map((object) => ({ object })),
  };
  const read = await retrieve(connection, [selection], signal);
  return new Map(read.map(({ object, properties }) => [object.value, properties]));
}

function isWanted(each: ObjectProperties, tree: InventoryTree): boolean {
  const { object, properties } = each;
  if (KINDS[object.type] === undefined) return false;
  if (object.type === 'VirtualMachine') return properties['config.template'] === true;
  if (object.type === 'Folder') return isVmFolder(each, tree);
  return object.type !== 'DistributedVirtualPortgroup' || !isUplink(properties);
}

function isMachine({ object }: ObjectProperties): boolean {
  return object.type === 'VirtualMachine';
}

/** Whether the folder is, or is in, the VM folder of its datacenter. */
function isVmFolder(folder: ObjectProperties, tree: InventoryTree): boolean {
  const root = vmFolderOf(folder, tree);
  return tree.lineOf(folder).some(({ object }) => sameMoRef(object, root));
}

function vmFolderOf(object: ObjectProperties, tree: InventoryTree): MoRef | undefined {
  return moRefOf(tree.datacenterOf(object)?.properties['vmFolder']);
}

/** The port group of a switch's own uplinks, to which no machine can be connected. */
function isUplink(properties: Properties): boolean {
  const tags = objectsOf(properties['tag']).map(({ key }) => textOf(key));
  if (properties['config.uplink'] === true || tags.includes('SYSTEM/DVS.UPLINKPG')) return true;
  // Old switches say it with the name alone, which vCenter gives.
  return /-DVUplinks-?\d+$/.test(textOf(properties['name']));
}

function inventoryObject(
  each: ObjectProperties,
  tree: InventoryTree,
  details: Details,
): InventoryObject {
  return {
    kind: KINDS[each.object.type] ?? 'folder',
    moRef: each.object.value,
    name: textOf(each.properties['name']),
    path: tree.pathOf(each),
    datacenter: tree.datacenterOf(each)?.object.value ?? null,
    parent: tree.parentOf(each)?.value ?? null,
    details,
  };
}

function detailsOf(each: ObjectProperties, tree: InventoryTree): Details {
  switch (KINDS[each.object.type]) {
    case 'resource-pool':
      return poolDetails(each, tree);
    case 'datastore':
      return datastoreDetails(each.properties);
    case 'network':
      return { distributed: each.object.type === 'DistributedVirtualPortgroup' };
    case 'folder':
      return { root: sameMoRef(each.object, vmFolderOf(each, tree)) };
    default:
      return {};
  }
}

function poolDetails(pool: ObjectProperties, tree: InventoryTree): Details {
  const owner = moRefOf(pool.properties['owner']);
  return { root: sameMoRef(tree.parentOf(pool), owner), owner: owner?.value ?? null };
}

function datastoreDetails(properties: Properties): Details {
  return {
    capacityBytes: amount(properties['summary.capacity']),
    freeBytes: amount(properties['summary.freeSpace']),
    accessible: properties['summary.accessible'] === true,
  };
}

function templateDetails(properties: Properties): Details {
  const disks = disksOf(properties[DEVICES]);
  return {
    guestFullName: textOf(properties['config.guestFullName']),
    diskBytes: disks.reduce((bytes, disk) => bytes + capacityOf(disk), 0),
    cpus: amount(properties['config.hardware.numCPU']),
    memoryMb: amount(properties['config.hardware.memoryMB']),
  };
}

function amount(value: VimValue | undefined): number {
  return numberOf(value) ?? 0;
}
