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

/** What others are told of a machine: a copy, as over a wire. */
export function handleOf({ moRef, instanceUuid, biosUuid }: Machine): Machine {
  return { moRef, instanceUuid, biosUuid };
}
