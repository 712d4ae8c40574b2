import type { CustomizationOrder, Machine } from '../ports/vcenter';

/** A machine of the fake vCenter, as it is now. */
export interface FakeMachine extends Machine {
  name: string;
  /** The run whose mark it carries; null: it is somebody else's. */
  readonly run: string | null;
  poweredOn: boolean;
  toolsRunning: boolean;
  hostName: string | null;
  cpus: number;
  memoryMb: number;
  diskGb: number;
  /** MoRef of what its one adapter is connected to. */
  portGroup: string | null;
  addresses: readonly string[];
  customization: CustomizationOrder | null;
}

/** A machine that is off; `serial` tells it from the others. */
export function fakeMachine(serial: number, machine: Partial<FakeMachine>): FakeMachine {
  const digits = String(serial).padStart(12, '0');
  return {
    moRef: `vm-${100 + serial}`,
    instanceUuid: `00000000-0000-4000-9000-${digits}`,
    biosUuid: `564d0102-0304-0506-0708-${digits}`,
    ...{ name: 'somebody', run: null, hostName: null, portGroup: null, customization: null },
    ...{ poweredOn: false, toolsRunning: false, addresses: [] },
    ...{ cpus: 1, memoryMb: 1_024, diskGb: 10 },
    ...machine,
  };
}

/** What others are told of a machine: a copy, as over a wire. */
export function handleOf({ moRef, instanceUuid, biosUuid }: Machine): Machine {
  return { moRef, instanceUuid, biosUuid };
}
