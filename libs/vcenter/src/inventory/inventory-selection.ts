import type { PropertySet, Selection } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import type { MoRef } from '../soap/vim-value';

const BASICS = ['name', 'parent'];

const SETS: readonly PropertySet[] = [
  { type: 'Folder', paths: BASICS },
  { type: 'Datacenter', paths: [...BASICS, 'vmFolder'] },
  { type: 'ComputeResource', paths: [...BASICS, 'resourcePool'] },
  { type: 'ResourcePool', paths: [...BASICS, 'owner'] },
  {
    type: 'Datastore',
    paths: [...BASICS, 'summary.capacity', 'summary.freeSpace', 'summary.accessible'],
  },
  { type: 'DistributedVirtualPortgroup', paths: [...BASICS, 'config.uplink', 'tag'] },
  { type: 'Network', paths: BASICS },
  { type: 'VirtualMachine', paths: [...BASICS, 'config.template'] },
];

const TRAVERSALS = [
  traversal(
    'children',
    ['Folder', 'childEntity'],
    ['children', 'machines', 'hosts', 'datastores', 'networks', 'pool'],
  ),
  traversal('machines', ['Datacenter', 'vmFolder'], ['children']),
  traversal('hosts', ['Datacenter', 'hostFolder'], ['children']),
  traversal('datastores', ['Datacenter', 'datastoreFolder'], ['children']),
  traversal('networks', ['Datacenter', 'networkFolder'], ['children']),
  traversal('pool', ['ComputeResource', 'resourcePool'], ['pools']),
  traversal('pools', ['ResourcePool', 'resourcePool'], ['pools']),
];

/** Everything below the root folder that the inventory is made of. */
export function wholeInventory(rootFolder: MoRef): Selection {
  return { sets: SETS, starts: [{ object: rootFolder, traversals: TRAVERSALS }] };
}
