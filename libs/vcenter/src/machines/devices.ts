import { descendsFrom } from '../schema/vim-schema';
import { numberOf, objectsOf, textOf, type VimObject, type VimValue } from '../soap/vim-value';

/** Where the devices of a machine are. */
export const DEVICES = 'config.hardware.device';

/** The network adapters of a machine, in the order of their keys: that of the vSphere client. */
export function adaptersOf(devices: VimValue | undefined): readonly VimObject[] {
  return ofKind(devices, 'VirtualEthernetCard');
}

/** The disks of a machine, in the order of their keys: that of the vSphere client. */
export function disksOf(devices: VimValue | undefined): readonly VimObject[] {
  return ofKind(devices, 'VirtualDisk');
}

/** The size of a disk, bytes. */
export function capacityOf(disk: VimObject): number {
  return numberOf(disk['capacityInBytes']) || (numberOf(disk['capacityInKB']) ?? 0) * 1024;
}

/** The MAC address of a network adapter, lower case. */
export function macOf(adapter: VimObject): string {
  return textOf(adapter['macAddress']).toLowerCase();
}

/** Grows a disk to a size in GiB; nothing when it has that size or more. */
export function grow(disk: VimObject, sizeGb: number): readonly VimObject[] {
  const capacityInBytes = sizeGb * 2 ** 30;
  if (capacityInBytes <= capacityOf(disk)) return [];
  return [edit({ ...disk, capacityInKB: capacityInBytes / 1024, capacityInBytes })];
}

/** Changes a device to what is given. */
export function edit(device: VimObject): VimObject {
  return { operation: 'edit', device };
}

function ofKind(devices: VimValue | undefined, kind: string): readonly VimObject[] {
  return objectsOf(devices)
    .filter(({ $type = '' }) => descendsFrom($type, kind))
    .toSorted((one, other) => (numberOf(one['key']) ?? 0) - (numberOf(other['key']) ?? 0));
}
