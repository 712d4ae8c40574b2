import type { PlacedDisk } from '@diaken/contracts';
import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { Properties } from '../properties/retrieve';
import { descendsFrom } from '../schema/vim-schema';
import { MoRef, numberOf, objectsOf, textOf, type VimObject } from '../soap/vim-value';
import { DEVICES, disksOf, grow } from './devices';

/** Where a machine says which of its disks it was given besides those of the template, in its extra configuration. */
const DISKS_MARKER = 'diaken.disks';
export const EXTRA_CONFIG = 'config.extraConfig';

/** Units of each kind of controller, and the one that the controller itself takes. */
const CONTROLLERS = [
  { kind: 'VirtualSCSIController', units: 16, own: 7 },
  { kind: 'VirtualSATAController', units: 30, own: -1 },
  { kind: 'VirtualNVMEController', units: 15, own: -1 },
  { kind: 'VirtualIDEController', units: 2, own: -1 },
];

/** Where a disk is plugged in: it stays the same for as long as the disk is there. */
interface Place {
  readonly controllerKey: number;
  readonly unitNumber: number;
}

/** What has to change for a machine to have its further disks. */
interface ExtraDiskChanges {
  readonly deviceChange: readonly VimObject[];
  /** The mark that says where they are; set in the same task that adds them, so that none is added twice. */
  readonly extraConfig: readonly VimObject[];
}

/** Adds the disks that are missing, and grows those that are too small. Throws when the controller is full. */
export function extraDiskChanges(
  machine: Machine,
  seen: Properties,
  orders: readonly PlacedDisk[],
): ExtraDiskChanges {
  const marked = markedPlaces(machine, seen);
  const missing = orders.length - marked.length;
  const places = [...marked, ...freePlaces(seen, firstDiskOf(machine, seen), missing)];
  const deviceChange = orders.flatMap((order, index) => {
    const place = places[index] ?? NOWHERE;
    const disk = diskAt(seen, place);
    return disk ? grow(disk, order.sizeGb) : [newDisk(order, place, index)];
  });
  const extraConfig =
    orders.length > marked.length ? [{ key: DISKS_MARKER, value: markOf(machine, places) }] : [];
  return { deviceChange, extraConfig };
}

/** The disks that a machine was given besides those of the template, in the order in which they were asked for. */
export function extraDisksOf(machine: Machine, seen: Properties): readonly VimObject[] {
  return markedPlaces(machine, seen)
    .map((place) => diskAt(seen, place))
    .filter((disk) => disk !== undefined);
}

/** The first disk of those that the template has. */
export function firstDiskOf(machine: Machine, seen: Properties): VimObject | undefined {
  const extra = extraDisksOf(machine, seen);
  return disksOf(seen[DEVICES]).find((disk) => !extra.includes(disk));
}

const NOWHERE: Place = { controllerKey: -1, unitNumber: -1 };

/** A template that was made of a machine of ours has the mark of that machine, too: it does not count. */
function markedPlaces({ instanceUuid }: Machine, seen: Properties): readonly Place[] {
  const marks = objectsOf(seen[EXTRA_CONFIG]).filter(({ key }) => key === DISKS_MARKER);
  const [of = '', ...places] = textOf(marks.at(-1)?.['value']).split(' ');
  if (of !== instanceUuid) return [];
  return places.map((place) => {
    const [controllerKey = -1, unitNumber = -1] = place.split(':').map(Number);
    return { controllerKey, unitNumber };
  });
}

function markOf({ instanceUuid }: Machine, places: readonly Place[]): string {
  const named = places.map(({ controllerKey, unitNumber }) => `${controllerKey}:${unitNumber}`);
  return [instanceUuid, ...named].join(' ');
}

function diskAt(seen: Properties, place: Place): VimObject | undefined {
  return disksOf(seen[DEVICES]).find(
    (disk) =>
      numberOf(disk['controllerKey']) === place.controllerKey &&
      numberOf(disk['unitNumber']) === place.unitNumber,
  );
}

/** Behind the first disk on its controller: guests count disks in this order, and it must stay the first. */
function freePlaces(
  seen: Properties,
  first: VimObject | undefined,
  count: number,
): readonly Place[] {
  if (count <= 0) return [];
  const devices = objectsOf(seen[DEVICES]);
  const controller = devices.find(({ key }) => key === first?.['controllerKey']);
  const { units, own } = kindOf(controller) ?? { units: 0, own: -1 };
  const controllerKey = numberOf(controller?.['key']) ?? -1;
  const taken = devices
    .filter((device) => device['controllerKey'] === controllerKey)
    .map((device) => numberOf(device['unitNumber']));
  const behind = (numberOf(first?.['unitNumber']) ?? 0) + 1;
  const free = Array.from({ length: units }, (_, unit) => unit).filter(
    (unit) => unit >= behind && unit !== own && !taken.includes(unit),
  );
  if (free.length < count) throw noRoom(count, free.length);
  return free.slice(0, count).map((unitNumber) => ({ controllerKey, unitNumber }));
}

function kindOf(controller: VimObject | undefined) {
  return CONTROLLERS.find(({ kind }) => descendsFrom(controller?.$type ?? '', kind));
}

function newDisk({ sizeGb, datastore, thin }: PlacedDisk, place: Place, index: number): VimObject {
  const elsewhere = datastore && { datastore: new MoRef('Datastore', datastore.moRef) };
  const capacityInBytes = sizeGb * 2 ** 30;
  const device = {
    $type: 'VirtualDisk',
    // Any negative number of its own: vCenter chooses the real one.
    key: -101 - index,
    backing: {
      $type: 'VirtualDiskFlatVer2BackingInfo',
      fileName: datastore ? `[${datastore.name}]` : '',
      ...elsewhere,
      diskMode: 'persistent',
      thinProvisioned: thin,
    },
    ...place,
    capacityInKB: capacityInBytes / 1024,
    capacityInBytes,
  };
  return { operation: 'add', fileOperation: 'create', device };
}

function noRoom(wanted: number, free: number): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-fault',
    cause: `The controller of the machine’s first disk has room for ${free} more disks, not for ${wanted}.`,
    remedy:
      'Ask for fewer disks, or give the template a SCSI or NVMe controller for its first disk.',
  });
}
