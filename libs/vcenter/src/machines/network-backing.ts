import type { ObjectRef } from '@diaken/contracts';
import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { retrieve } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import { readProperties } from '../properties/retrieve';
import { type MoRef, moRefOf, moRefsOf, objectOf, textOf, type VimObject } from '../soap/vim-value';
import { machineRef } from './find-machine';

const DISTRIBUTED = 'VirtualEthernetCardDistributedVirtualPortBackingInfo';
const STANDARD = 'VirtualEthernetCardNetworkBackingInfo';

/**
 * What a network adapter has to be backed by to be connected to a port group.
 * Throws `placement-missing` when the machine's cluster has no such port group.
 */
export async function backingFor(
  vcenter: ConnectedVCenter,
  machine: Machine,
  portGroup: ObjectRef,
  signal: AbortSignal,
): Promise<VimObject> {
  const networks = await networksWithinReach(vcenter, machine, signal);
  const network = networks.find(({ value }) => value === portGroup.moRef);
  if (!network) throw outOfReach(portGroup);
  return network.type === 'DistributedVirtualPortgroup'
    ? distributedBacking(vcenter, network, signal)
    : standardBacking(vcenter, network, signal);
}

/** Whether two backings connect to the same network. */
export function sameBacking(one: VimObject, other: VimObject): boolean {
  if (one.$type !== other.$type) return false;
  if (one.$type === DISTRIBUTED) {
    const [here, there] = [objectOf(one['port']), objectOf(other['port'])];
    return (
      here['portgroupKey'] === there['portgroupKey'] && here['switchUuid'] === there['switchUuid']
    );
  }
  return one['deviceName'] === other['deviceName'];
}

/** The networks of the cluster that the machine is in, with their types: a MoRef's value does not tell. */
async function networksWithinReach(
  { connection }: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<readonly MoRef[]> {
  const selection = {
    sets: [{ type: 'ComputeResource', paths: ['network'] }],
    starts: [
      {
        object: machineRef(machine),
        traversals: [
          traversal('pool', ['VirtualMachine', 'resourcePool'], ['owner']),
          traversal('owner', ['ResourcePool', 'owner']),
        ],
      },
    ],
  };
  const read = await retrieve(connection, [selection], signal);
  return read.flatMap(({ properties }) => moRefsOf(properties['network']));
}

async function distributedBacking(
  { connection }: ConnectedVCenter,
  portGroup: MoRef,
  signal: AbortSignal,
): Promise<VimObject> {
  const paths = ['key', 'config.distributedVirtualSwitch'];
  const seen = await readProperties(connection, portGroup, paths, signal);
  const dvSwitch = moRefOf(seen['config.distributedVirtualSwitch']);
  const uuid = dvSwitch
    ? (await readProperties(connection, dvSwitch, ['uuid'], signal))['uuid']
    : undefined;
  return {
    $type: DISTRIBUTED,
    port: { portgroupKey: textOf(seen['key']), switchUuid: textOf(uuid) },
  };
}

async function standardBacking(
  { connection }: ConnectedVCenter,
  network: MoRef,
  signal: AbortSignal,
): Promise<VimObject> {
  const seen = await readProperties(connection, network, ['name'], signal);
  return { $type: STANDARD, deviceName: textOf(seen['name']), network };
}

function outOfReach(portGroup: ObjectRef): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'placement-missing',
    cause: `The machine’s cluster has no port group ${portGroup.name} (${portGroup.moRef}).`,
    remedy: 'Choose a port group that the hosts of the cluster have.',
  });
}
