import type { PlacedDisk } from '@diaken/contracts';
import { finalFailure } from './failures';
import type { CloudInitOrder, CustomizationOrder, Machine } from '../ports/vcenter';

/** A machine of the fake vCenter, as it is now. */
export interface FakeMachine extends Machine {
  name: string;
  /** The run whose mark it carries; null: it is somebody else's. */
  readonly run: string | null;
  poweredOn: boolean;
  suspended: boolean;
  toolsRunning: boolean;
  hostName: string | null;
  cpus: number;
  memoryMb: number;
  diskGb: number;
  extraDisks: readonly PlacedDisk[];
  /** MoRefs of what its first adapter is connected to, and those after it. */
  portGroup: string | null;
  extraPortGroups: readonly string[];
  addresses: readonly string[];
  customization: CustomizationOrder | CloudInitOrder | null;
}

/** A machine that is off; `serial` tells it from the others. */
export function fakeMachine(serial: number, machine: Partial<FakeMachine>): FakeMachine {
  const digits = String(serial).padStart(12, '0');
  return {
    moRef: `vm-${100 + serial}`,
    instanceUuid: `00000000-0000-4000-9000-${digits}`,
    biosUuid: `564d0102-0304-0506-0708-${digits}`,
    ...{ name: 'somebody', run: null, hostName: null, portGroup: null, customization: null },
    ...{ poweredOn: false, suspended: false, toolsRunning: false, addresses: [] },
    ...{ cpus: 1, memoryMb: 1_024, diskGb: 10, extraDisks: [], extraPortGroups: [] },
    ...machine,
  };
}

/** What others are told of a machine: a copy, as over a wire. */
export function handleOf({ moRef, instanceUuid, biosUuid }: Machine): Machine {
  return { moRef, instanceUuid, biosUuid };
}

/** The machine with the run's instance UUID. Throws `not-our-machine` when it does not carry the run's mark. */
export function foundByRun(
  machines: ReadonlyMap<string, FakeMachine>,
  runId: string,
): FakeMachine | undefined {
  const found = [...machines.values()].find(({ instanceUuid }) => instanceUuid === runId);
  if (found && found.run !== runId) {
    throw finalFailure('not-our-machine', `${found.name} does not carry the mark of the run.`);
  }
  return found;
}

/** The machine itself. Throws `machine-missing`. */
export function needed(
  machines: ReadonlyMap<string, FakeMachine>,
  { moRef }: Machine,
): FakeMachine {
  const found = machines.get(moRef);
  if (!found) {
    throw finalFailure('machine-missing', `${moRef} is not in vCenter any more.`);
  }
  return found;
}

/** What a guest has once it has started: what it was given, or what its template has. */
export function startedAddresses(
  { customization }: FakeMachine,
  { templateAddress, leasedAddress }: { templateAddress: string | null; leasedAddress: string },
): readonly string[] {
  if (!customization) {
    return templateAddress === null ? [] : [templateAddress];
  }
  return [customization.ipv4?.address ?? leasedAddress];
}
