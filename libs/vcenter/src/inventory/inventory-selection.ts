import { DEVICES } from '../machines/devices';
import type { PropertySet, Selection } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import type { MoRef } from '../soap/vim-value';

const BASICS = ['name', 'parent'];

const SETS: readonly PropertySet[] = [
  { type: 'Folder', paths: BASICS },
  { type: 'Datacenter', paths: [...BASICS, 'vmFolder'] },
  { type: 'ComputeResource', paths: [...BASICS, 'resourcePool'] },
  {
    type: 'HostSystem',
    paths: [
      ...BASICS,
      ...['runtime.connectionState', 'runtime.inMaintenanceMode', 'config.product.fullName'],
      ...['datastore', 'network'],
    ],
  },
  // Includes vApps, which machines may be in.
  { type: 'ResourcePool', paths: [...BASICS, 'owner'] },
  {
    type: 'Datastore',
    paths: [...BASICS, 'summary.capacity', 'summary.freeSpace', 'summary.accessible'],
  },
  { type: 'DistributedVirtualPortgroup', paths: [...BASICS, 'key', 'config.uplink', 'tag'] },
  { type: 'Network', paths: BASICS },
  {
    type: 'VirtualMachine',
    paths: [
      ...[...BASICS, 'parentVApp', 'config.template', 'config.instanceUuid', 'config.uuid'],
      ...['config.guestFullName', 'config.hardware.numCPU', 'config.hardware.memoryMB', DEVICES],
      ...['runtime.powerState', 'runtime.host'],
      ...['guest.toolsRunningStatus', 'guest.hostName', 'guest.net'],
    ],
  },
];

const TRAVERSALS = [
  traversal(
    'children',
    ['Folder', 'childEntity'],
    [
      ...['children', 'machines', 'hosts', 'datastores', 'networks'],
      ...['pool', 'members', 'vAppMachines', 'vApps'],
    ],
  ),
  traversal('machines', ['Datacenter', 'vmFolder'], ['children']),
  traversal('hosts', ['Datacenter', 'hostFolder'], ['children']),
  traversal('datastores', ['Datacenter', 'datastoreFolder'], ['children']),
  traversal('networks', ['Datacenter', 'networkFolder'], ['children']),
  traversal('members', ['ComputeResource', 'host']),
  traversal('pool', ['ComputeResource', 'resourcePool'], ['pools']),
  traversal('pools', ['ResourcePool', 'resourcePool'], ['pools']),
  // Machines in vApps are in no folder.
  traversal('vAppMachines', ['VirtualApp', 'vm']),
  traversal('vApps', ['VirtualApp', 'resourcePool'], ['vAppMachines', 'vApps']),
];

/** Everything below the root folder that the inventory is made of. */
export function wholeInventory(rootFolder: MoRef): Selection {
  return { sets: SETS, starts: [{ object: rootFolder, traversals: TRAVERSALS }] };
}
