import { adaptersOf, DEVICES, disksOf } from '../machines/devices';
import type { ObjectProperties, Properties } from '../properties/retrieve';
import { MoRef, objectOf, objectsOf, type VimObject, type VimValue } from '../soap/vim-value';

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
  if (typeof value === 'string') return Buffer.from(value).toString();
  if (value instanceof MoRef) return new MoRef(value.type, Buffer.from(value.value).toString());
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
