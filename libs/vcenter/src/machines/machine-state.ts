import type { AdapterState, DiskState, Machine, MachineState } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { type ObjectProperties, type Properties, retrieve } from '../properties/retrieve';
import { traversal } from '../properties/traversal';
import { moRefOf, numberOf, objectOf, sameMoRef, textOf, type VimObject } from '../soap/vim-value';
import { adaptersOf, capacityOf, DEVICES, macOf } from './devices';
import { EXTRA_CONFIG, extraDisksOf, firstDiskOf } from './extra-disks';
import { machineRef, missing } from './find-machine';
import { addressesOn } from './guest-addresses';

const PATHS = [
  'name',
  'runtime.powerState',
  'guest.toolsRunningStatus',
  'guest.hostName',
  'guest.net',
  'config.hardware.numCPU',
  'config.hardware.memoryMB',
  EXTRA_CONFIG,
  DEVICES,
];

/** What hardware and VMware Tools report now. Throws `machine-missing`. */
export async function readState(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<MachineState> {
  const read = await readWithNetworks(vcenter, machine, signal);
  const ref = machineRef(machine);
  const seen = read.find(({ object }) => sameMoRef(object, ref))?.properties ?? {};
  const networks = read.filter(({ object }) => object.type !== ref.type);
  const firstDisk = firstDiskOf(machine, seen);
  return {
    name: textOf(seen['name']),
    poweredOn: seen['runtime.powerState'] === 'poweredOn',
    toolsRunning: toolsRun(seen),
    hostName: textOf(seen['guest.hostName']) || null,
    cpus: numberOf(seen['config.hardware.numCPU']) ?? 0,
    memoryMb: numberOf(seen['config.hardware.memoryMB']) ?? 0,
    firstDisk: firstDisk ? diskState(firstDisk) : null,
    extraDisks: extraDisksOf(machine, seen).map(diskState),
    adapters: adaptersOf(seen[DEVICES]).map((adapter) => adapterState(adapter, seen, networks)),
  };
}

/** Whether VMware Tools run in the guest. */
export function toolsRun(seen: Properties): boolean {
  return seen['guest.toolsRunningStatus'] === 'guestToolsRunning';
}

/** The machine and the networks that it is connected to, in one request. */
async function readWithNetworks(
  { connection }: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<readonly ObjectProperties[]> {
  const object = machineRef(machine);
  const selection = {
    sets: [
      { type: object.type, paths: PATHS },
      { type: 'DistributedVirtualPortgroup', paths: ['name', 'key'] },
      { type: 'Network', paths: ['name'] },
    ],
    starts: [{ object, traversals: [traversal('network', ['VirtualMachine', 'network'])] }],
  };
  try {
    return await retrieve(connection, [selection], signal);
  } catch (error) {
    throw isFault(error, 'ManagedObjectNotFound') ? missing(machine, error) : error;
  }
}

function diskState(disk: VimObject): DiskState {
  const datastore = moRefOf(objectOf(disk['backing'])['datastore']);
  return { bytes: capacityOf(disk), datastore: datastore?.value ?? null };
}

function adapterState(
  adapter: VimObject,
  seen: Properties,
  networks: readonly ObjectProperties[],
): AdapterState {
  const mac = macOf(adapter);
  return {
    mac,
    portGroup: portGroupOf(objectOf(adapter['backing']), networks),
    addresses: addressesOn([mac], seen['guest.net']),
  };
}

function portGroupOf(backing: VimObject, networks: readonly ObjectProperties[]): string | null {
  const network = moRefOf(backing['network']);
  if (network) return network.value;
  const key = objectOf(backing['port'])['portgroupKey'];
  const connected = networks.find(({ properties }) =>
    key === undefined ? properties['name'] === backing['deviceName'] : properties['key'] === key,
  );
  return connected?.object.value ?? null;
}
