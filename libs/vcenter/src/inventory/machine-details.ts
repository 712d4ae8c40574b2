import { isIP, isIPv6 } from 'node:net';
import type { MachineAdapter, MachineDetails } from '@diaken/contracts';
import { adaptersOf, capacityOf, DEVICES, disksOf, macOf } from '../machines/devices';
import { reportedOn } from '../machines/guest-addresses';
import { toolsRun } from '../machines/machine-state';
import type { Properties } from '../properties/retrieve';
import {
  moRefOf,
  numberOf,
  objectOf,
  textOf,
  type VimObject,
  type VimValue,
} from '../soap/vim-value';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Finds the MoRef of the network that a backing of an adapter names. */
export type NetworkFinder = (backing: VimObject) => string | null;

/** What the inventory tells of a machine or a template. */
export function machineDetails(seen: Properties, networkOf: NetworkFinder): MachineDetails {
  const adapters = adaptersOf(seen[DEVICES]).map((adapter) => adapterOf(adapter, seen, networkOf));
  return {
    instanceUuid: uuidOf(seen['config.instanceUuid']),
    biosUuid: uuidOf(seen['config.uuid']),
    power: powerOf(seen),
    guestFullName: textOf(seen['config.guestFullName']),
    toolsRunning: toolsRun(seen),
    guestHostName: textOf(seen['guest.hostName']) || null,
    cpus: numberOf(seen['config.hardware.numCPU']) ?? 0,
    memoryMb: numberOf(seen['config.hardware.memoryMB']) ?? 0,
    diskBytes: disksOf(seen[DEVICES]).reduce((bytes, disk) => bytes + capacityOf(disk), 0),
    host: moRefOf(seen['runtime.host'])?.value ?? null,
    addresses: [...new Set(adapters.flatMap(({ addresses }) => addresses))],
    macs: adapters.map(({ mac }) => mac),
    adapters,
  };
}

function adapterOf(adapter: VimObject, seen: Properties, networkOf: NetworkFinder): MachineAdapter {
  const mac = macOf(adapter);
  const addresses = reportedOn([mac], seen['guest.net']).filter(isRouted);
  return { mac, network: networkOf(objectOf(adapter['backing'])), addresses };
}

function isRouted(address: string): boolean {
  const isLinkLocal = isIPv6(address) ? /^fe[89ab]/i.test(address) : address.startsWith('169.254.');
  return isIP(address) !== 0 && !isLinkLocal;
}

function powerOf(seen: Properties): MachineDetails['power'] {
  const state = textOf(seen['runtime.powerState']);
  if (state === 'poweredOn') return 'on';
  return state === 'suspended' ? 'suspended' : 'off';
}

function uuidOf(value: VimValue | undefined): string | null {
  const text = textOf(value).toLowerCase();
  return UUID.test(text) ? text : null;
}
