import type { InventoryKind, InventoryObject } from '@diaken/contracts';
import type { ObjectProperties, Properties } from '../properties/retrieve';
import {
  type MoRef,
  moRefOf,
  moRefsOf,
  numberOf,
  objectOf,
  objectsOf,
  sameMoRef,
  textOf,
  type VimObject,
  type VimValue,
} from '../soap/vim-value';
import type { InventoryTree } from './inventory-tree';
import { machineDetails } from './machine-details';

type Details = Record<string, unknown>;

const KINDS: Readonly<Record<string, InventoryKind>> = {
  Datacenter: 'datacenter',
  ClusterComputeResource: 'cluster',
  ComputeResource: 'cluster',
  HostSystem: 'host',
  ResourcePool: 'resource-pool',
  Datastore: 'datastore',
  Network: 'network',
  DistributedVirtualPortgroup: 'network',
  Folder: 'folder',
};

/** Makes objects of our inventory of what a vCenter tells. */
export class InventoryObjects {
  private readonly networksByKey = new Map<string, string>();
  private readonly networksByName = new Map<string, string>();

  constructor(private readonly tree: InventoryTree) {
    for (const { object, properties } of tree.objects) {
      if (object.type === 'DistributedVirtualPortgroup') {
        this.networksByKey.set(textOf(properties['key']), object.value);
      } else if (object.type === 'Network') {
        this.networksByName.set(textOf(properties['name']), object.value);
      }
    }
  }

  /** All that our inventory keeps. */
  all(): readonly InventoryObject[] {
    return [...this.tree.objects].flatMap((each) => this.one(each) ?? []);
  }

  /** One object; `undefined` when our inventory keeps none such. */
  one(each: ObjectProperties): InventoryObject | undefined {
    const kind = kindOf(each);
    if (!kind || !this.isWanted(each)) return undefined;
    return {
      kind,
      moType: each.object.type,
      moRef: each.object.value,
      name: textOf(each.properties['name']),
      path: this.tree.pathOf(each),
      datacenter: this.tree.datacenterOf(each)?.object.value ?? null,
      parent: this.tree.parentOf(each)?.value ?? null,
      details: this.detailsOf(kind, each),
    };
  }

  private isWanted(each: ObjectProperties): boolean {
    const { object, properties } = each;
    if (object.type === 'Folder') return this.isVmFolder(each);
    return object.type !== 'DistributedVirtualPortgroup' || !isUplink(properties);
  }

  /** Whether the folder is, or is in, the VM folder of its datacenter. */
  private isVmFolder(folder: ObjectProperties): boolean {
    const root = this.vmFolderOf(folder);
    return this.tree.lineOf(folder).some(({ object }) => sameMoRef(object, root));
  }

  private vmFolderOf(object: ObjectProperties): MoRef | undefined {
    return moRefOf(this.tree.datacenterOf(object)?.properties['vmFolder']);
  }

  private detailsOf(kind: InventoryKind, each: ObjectProperties): Details {
    switch (kind) {
      case 'vm':
      case 'template':
        return { ...machineDetails(each.properties, (backing) => this.networkOf(backing)) };
      case 'host':
        return hostDetails(each.properties);
      case 'resource-pool':
        return this.poolDetails(each);
      case 'datastore':
        return datastoreDetails(each.properties);
      case 'network':
        return { distributed: each.object.type === 'DistributedVirtualPortgroup' };
      case 'folder':
        return { root: sameMoRef(each.object, this.vmFolderOf(each)) };
      default:
        return {};
    }
  }

  private poolDetails(pool: ObjectProperties): Details {
    const owner = moRefOf(pool.properties['owner']);
    return { root: sameMoRef(this.tree.parentOf(pool), owner), owner: owner?.value ?? null };
  }

  private networkOf(backing: VimObject): string | null {
    const network = moRefOf(backing['network']);
    if (network) return network.value;
    const key = textOf(objectOf(backing['port'])['portgroupKey']);
    const found =
      key === ''
        ? this.networksByName.get(textOf(backing['deviceName']))
        : this.networksByKey.get(key);
    return found ?? null;
  }
}

function kindOf({ object, properties }: ObjectProperties): InventoryKind | undefined {
  if (object.type !== 'VirtualMachine') return KINDS[object.type];
  return properties['config.template'] === true ? 'template' : 'vm';
}

/** The port group of a switch's own uplinks, to which no machine can be connected. */
function isUplink(properties: Properties): boolean {
  const tags = objectsOf(properties['tag']).map(({ key }) => textOf(key));
  if (properties['config.uplink'] === true || tags.includes('SYSTEM/DVS.UPLINKPG')) return true;
  // Old switches say it with the name alone, which vCenter gives.
  return /-DVUplinks-?\d+$/.test(textOf(properties['name']));
}

function hostDetails(properties: Properties): Details {
  return {
    connected: properties['runtime.connectionState'] === 'connected',
    inMaintenance: properties['runtime.inMaintenanceMode'] === true,
    version: textOf(properties['config.product.fullName']),
    datastores: moRefsOf(properties['datastore']).map(({ value }) => value),
    networks: moRefsOf(properties['network']).map(({ value }) => value),
  };
}

function datastoreDetails(properties: Properties): Details {
  return {
    capacityBytes: amount(properties['summary.capacity']),
    freeBytes: amount(properties['summary.freeSpace']),
    accessible: properties['summary.accessible'] === true,
  };
}

function amount(value: VimValue | undefined): number {
  return numberOf(value) ?? 0;
}
