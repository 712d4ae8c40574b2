import { adaptersOf, DEVICES, disksOf } from '../machines/devices';
import type { ObjectProperties, Properties } from '../properties/retrieve';
import { descendsFrom } from '../schema/vim-schema';
import { MoRef, objectOf, objectsOf, type VimObject, type VimValue } from '../soap/vim-value';

const NEEDED_OF_DEVICES = new Set([
  ...['key', 'macAddress', 'capacityInBytes', 'capacityInKB', 'backing'],
]);
const NEEDED_OF_BACKINGS = new Set(['network', 'deviceName', 'port']);
const NEEDED_OF_GUEST_ADAPTERS = new Set(['macAddress', 'deviceConfigId', 'ipAddress', 'ipConfig']);
const neededByType = new Map<string, ReadonlySet<string> | undefined>();

/** What the inventory needs of the devices of machines: all else of them is most of what vCenter answers. */
export function neededFields(type: string): ReadonlySet<string> | undefined {
  if (!neededByType.has(type)) neededByType.set(type, needed(type));
  return neededByType.get(type);
}

function needed(type: string): ReadonlySet<string> | undefined {
  if (descendsFrom(type, 'VirtualDevice')) return NEEDED_OF_DEVICES;
  if (descendsFrom(type, 'VirtualDeviceBackingInfo')) return NEEDED_OF_BACKINGS;
  return type === 'GuestNicInfo' ? NEEDED_OF_GUEST_ADAPTERS : undefined;
}

/**
 * An object with only what the inventory is made of: of ten thousand machines everything else would fill
 * the memory. Its texts are copies, because what a parser answers keeps the whole answer alive.
 */
export function kept({ object, properties }: ObjectProperties): ObjectProperties {
  return {
    object: copyOf(object) as MoRef,
    properties: keptProperties(properties),
    refused: new Map(),
  };
}

/** Properties with only what the inventory is made of. */
export function keptProperties(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([path, value]) => [path, keptValue(path, value)]),
  );
}

function keptValue(path: string, value: VimValue | undefined): VimValue | undefined {
  if (path === DEVICES) return copyOf([...adaptersOf(value), ...disksOf(value)].map(keptDevice));
  if (path === 'guest.net') return copyOf(objectsOf(value).map(keptGuestAdapter));
  return value === undefined ? undefined : copyOf(value);
}

function keptDevice({ $type, ...device }: VimObject): VimObject {
  const { key, macAddress, capacityInBytes, capacityInKB } = device;
  const { network, deviceName, port } = objectOf(device['backing']);
  const { portgroupKey } = objectOf(port);
  const adapter = macAddress !== undefined && {
    backing: present({
      network,
      deviceName,
      ...(port !== undefined && { port: present({ portgroupKey }) }),
    }),
  };
  return {
    ...($type && { $type }),
    ...present({ key, macAddress, capacityInBytes, capacityInKB, ...adapter }),
  };
}

function keptGuestAdapter({
  macAddress,
  deviceConfigId,
  ipAddress,
  ipConfig,
}: VimObject): VimObject {
  return present({ macAddress, deviceConfigId, ipAddress, ipConfig });
}

function present(object: VimObject): VimObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function copyOf(value: VimValue): VimValue {
  if (typeof value === 'string') return copyOfText(value);
  if (value instanceof MoRef) return new MoRef(copyOfText(value.type), copyOfText(value.value));
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array)
    return value;
  return Object.fromEntries(
    Object.entries(value as VimObject).map(([name, each]) => [
      name,
      each === undefined ? each : copyOf(each),
    ]),
  );
}

/** A part of a long text that is kept as it is keeps all of it. */
function copyOfText(text: string): string {
  return Buffer.from(text).toString();
}
