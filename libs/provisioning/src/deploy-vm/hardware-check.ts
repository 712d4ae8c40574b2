import { extrasOf, guestOf, type MachineRequest } from '@diaken/contracts';
import type { DiskState, MachineState } from '../ports/vcenter';

const GIB = 1024 ** 3;

/** What of a machine's hardware is not as it was asked for: CPUs, memory, disks, further network adapters. */
export function wrongHardware(request: MachineRequest, state: MachineState): string[] {
  const { cpus, memoryMb } = request;
  return [
    ...(state.cpus === cpus ? [] : [`it has ${state.cpus} CPUs, not ${cpus}`]),
    ...(state.memoryMb === memoryMb
      ? []
      : [`it has ${state.memoryMb} MiB of memory, not ${memoryMb}`]),
    ...wrongDisks(request, state),
    ...wrongAdapters(request, state),
  ];
}

function wrongDisks(request: MachineRequest, state: MachineState): string[] {
  const { diskGb = 0 } = request;
  const small = tooSmall('its first disk', state.firstDisk, diskGb);
  const further = extrasOf(request).disks.flatMap(({ sizeGb, datastore }, index) => {
    const what = `its further disk ${index + 1}`;
    const disk = state.extraDisks[index];
    const elsewhere = disk && datastore && disk.datastore !== datastore.moRef;
    return [
      ...tooSmall(what, disk ?? null, sizeGb),
      ...(elsewhere ? [`${what} is not on ${datastore.name}`] : []),
    ];
  });
  return [...small, ...further];
}

function tooSmall(what: string, disk: DiskState | null, sizeGb: number): string[] {
  const gib = (disk?.bytes ?? 0) / GIB;
  return gib >= sizeGb ? [] : [`${what} has ${gib} GiB, not ${sizeGb}`];
}

function wrongAdapters(request: MachineRequest, { adapters }: MachineState): string[] {
  const { readiness } = guestOf(request);
  const isReported = readiness !== 'none' && readiness !== 'tools';
  return extrasOf(request).networks.flatMap(({ address, portGroup }, index) => {
    const adapter = adapters[index + 1];
    const what = `its network adapter ${index + 2}`;
    return [
      ...(adapter?.portGroup === portGroup.moRef ? [] : [`${what} is not on ${portGroup.name}`]),
      ...(!isReported || address === undefined || adapter?.addresses.includes(address)
        ? []
        : [`${what} has ${adapter?.addresses.join(', ') || 'no address'}, not ${address}`]),
    ];
  });
}
