import type { RunStatus } from '@diaken/contracts';

/** What is known of a run that may have made a machine. */
export interface MakerRun {
  readonly runId: string;
  /** Null: there is no such run (any more), only a host that it made. */
  readonly status: RunStatus | null;
  /** Whether whoever cancelled the run wanted to keep its machine. */
  readonly isKept: boolean;
  /** Whether its machine is a host of the inventory that is not archived. */
  readonly hasHost: boolean;
  /** Whether the host that its machine was has been decommissioned. */
  readonly isDecommissioned: boolean;
}

/** A host of the inventory, and which machine it is. */
export interface HostMachine {
  readonly hostId: string;
  readonly name: string;
  readonly vmMoRef: string;
  readonly vmInstanceUuid: string;
  /** Whether a run is about to remove it: its machine goes before the host. */
  readonly isLeaving: boolean;
}

/** Whom machines belong to: runs, and the hosts of the inventory. */
export abstract class MachineOwners {
  /** What is known of each of these runs; nothing for an id that nobody knows. Ids are UUIDs. */
  abstract runs(ids: readonly string[]): Promise<readonly MakerRun[]>;

  /** The hosts of the inventory that are machines of this vCenter. */
  abstract hosts(vcenterId: string): Promise<readonly HostMachine[]>;
}
