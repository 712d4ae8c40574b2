import type { InventoryObject, ObjectRef, Placement } from '@diaken/contracts';
import type { ProvisioningFailure } from '../problems/provisioning-failure';
import type { FoundMachine, RegisteredVm } from './found-machine';
import type { CloudInitOrder, CustomizationOrder, HardwareOrder } from './machine-orders';

export type * from './machine-orders';

/** A virtual machine that a run created. */
export interface Machine {
  readonly moRef: string;
  /** Unique in its vCenter; ours is the id of the run that made the machine. */
  readonly instanceUuid: string;
  /** What the guest reads as its DMI product UUID. */
  readonly biosUuid: string;
}

/** How to copy a template. */
export interface CloneOrder {
  readonly runId: string;
  readonly name: string;
  readonly placement: Placement;
  readonly cpus: number;
  readonly memoryMb: number;
}

/** A clone that was asked for. */
export interface SoughtClone {
  readonly runId: string;
  readonly name: string;
  /** The folder that it was to be made in. */
  readonly folder: ObjectRef;
}

/**
 * What vCenter shows of a clone that was asked for. `being-made`: something in its folder has its name, and
 * may be it, but is not complete. `absent`: the name is free, or has certainly another machine.
 */
export type CloneSighting =
  | { readonly state: 'made'; readonly machine: Machine }
  | { readonly state: 'being-made' | 'absent' };

/** A machine of a vCenter, whoever made it. */
export interface ListedMachine {
  readonly moRef: string;
  readonly name: string;
  /** In lower case; null while vCenter cannot read the machine's configuration. */
  readonly instanceUuid: string | null;
  /** The run that its annotation says it was created by, in lower case; null: it names none. */
  readonly runId: string | null;
}

/** All that a vCenter was read to have. */
export interface InventoryReading {
  /** What the vCenter calls itself, in lower case; '' when it does not say. */
  readonly instanceUuid: string;
  readonly objects: readonly InventoryObject[];
}

/** What VMware Tools and the virtual hardware report of a machine now. */
export interface MachineState {
  readonly name: string;
  readonly poweredOn: boolean;
  readonly toolsRunning: boolean;
  readonly hostName: string | null;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly firstDisk: DiskState | null;
  /** Those that it was given besides the template's, in the order in which they were asked for. */
  readonly extraDisks: readonly DiskState[];
  readonly adapters: readonly AdapterState[];
}

/** A disk of a machine. */
export interface DiskState {
  readonly bytes: number;
  /** MoRef of the datastore that it is on. */
  readonly datastore: string | null;
}

/** A network adapter of a machine. */
export interface AdapterState {
  readonly mac: string;
  /** MoRef of the network or distributed port group that it is connected to. */
  readonly portGroup: string | null;
  /** IPv4 addresses that the guest has on it, link-local ones left out. */
  readonly addresses: readonly string[];
}

/** Why parts of a placement cannot be used. */
export type PlacementProblems = Partial<Record<keyof Placement, ProvisioningFailure>>;

/** What a placement offers, as vCenter tells now. */
export interface PlacementReport {
  /** `template-missing`, `placement-missing` or `vcenter-permission-denied`, for each part that they are about. */
  readonly problems: PlacementProblems;
  /** Space that the template's disks take, bytes; null: the template has a problem. */
  readonly templateBytes: number | null;
  /** Null: the datastore has a problem. */
  readonly datastoreFreeBytes: number | null;
  /** Whether the folder already holds a machine of the name asked for. */
  readonly nameTaken: boolean;
  /** Name of the machine whose guest reports the address asked for, if any does. */
  readonly addressHolder: string | null;
}

/** What each call that follows a vCenter task is given. */
export interface TaskFollowing {
  readonly signal: AbortSignal;
  /** Fraction done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The questions that deployments ask of a vCenter. Every method names the vCenter by our own id, takes a
 * signal, and throws `ProvisioningFailure` (transient where another attempt may cure it).
 */
export abstract class VCenter {
  /** Reads all kinds of objects that our inventory keeps. */
  abstract readInventory(vcenterId: string, signal: AbortSignal): Promise<InventoryReading>;

  /** All machines that the vCenter has now; templates left out. */
  abstract listMachines(vcenterId: string, signal: AbortSignal): Promise<readonly ListedMachine[]>;

  /** Looks at every object of the placement, also where another one has a problem. */
  abstract inspect(
    vcenterId: string,
    placement: Placement,
    asked: { readonly name: string; readonly address: string | null },
    signal: AbortSignal,
  ): Promise<PlacementReport>;

  /** The machine that this run created, whatever became of the call that created it. */
  abstract findByRun(
    vcenterId: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<Machine | undefined>;

  /** The machine or template with this instance UUID, whoever made it. */
  abstract findByInstanceUuid(
    vcenterId: string,
    instanceUuid: string,
    signal: AbortSignal,
  ): Promise<Machine | undefined>;

  /**
   * What became of a clone that was asked for, also while vCenter still makes it: a machine that is being
   * made has its name from the beginning, but cannot be found by its run yet.
   */
  abstract findClone(
    vcenterId: string,
    sought: SoughtClone,
    signal: AbortSignal,
  ): Promise<CloneSighting>;

  /**
   * Starts to clone; answers the id of vCenter's task. The machine stays off and carries the run's id.
   * `vcenter-unreachable` leaves open whether the clone began; every other `ProvisioningFailure`, and the
   * reason of the signal, say that it did not: what the signal interrupts has not been sent.
   */
  abstract startClone(vcenterId: string, order: CloneOrder, signal: AbortSignal): Promise<string>;

  /** Waits until a task has ended; throws its fault. Cancels the task when the signal says so. */
  abstract followTask(vcenterId: string, task: string, following: TaskFollowing): Promise<void>;

  /** CPUs, memory, disks and network adapters. Changes only what differs, all of it at once. */
  abstract configureHardware(
    vcenterId: string,
    machine: Machine,
    order: HardwareOrder,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Gives a machine that is off its host name and address for its next start, by VMware Tools. Of Windows also throws
   * `credential-missing` and `secret-unreadable`.
   */
  abstract customize(
    vcenterId: string,
    machine: Machine,
    order: CustomizationOrder,
    signal: AbortSignal,
  ): Promise<void>;

  /** Leaves for cloud-init what a machine that is off shall be at its first start. */
  abstract seedCloudInit(
    vcenterId: string,
    machine: Machine,
    order: CloudInitOrder,
    signal: AbortSignal,
  ): Promise<void>;

  /** Does nothing when it is on already. */
  abstract powerOn(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<void>;

  /** Does nothing when it is off already. */
  abstract powerOff(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<void>;

  /** Does nothing when it is suspended already. */
  abstract suspend(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<void>;

  /**
   * Starts to reset a machine; answers the id of vCenter's task. As with `startClone`, only `vcenter-unreachable` leaves
   * open whether it was reset.
   */
  abstract startReset(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<string>;

  /** Asks the guest to shut down or to reboot, and does not wait for it. Fails where VMware Tools do not run. */
  abstract askGuest(
    vcenterId: string,
    machine: Machine,
    wish: 'shutdown' | 'reboot',
    signal: AbortSignal,
  ): Promise<void>;

  /** Waits until the machine is off. Throws `machine-missing`. */
  abstract waitUntilOff(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<void>;

  /**
   * The machine with this instance UUID, whoever made it; `undefined`: there is none. Throws `not-our-machine` when its
   * MoRef is another machine's by now.
   */
  abstract findRegistered(
    vcenterId: string,
    registered: RegisteredVm,
    signal: AbortSignal,
  ): Promise<FoundMachine | undefined>;

  /**
   * Starts to destroy a machine that is off, with its disks and snapshots; answers the id of vCenter's task, or
   * `undefined` when the machine is gone already.
   */
  abstract startDestroy(
    vcenterId: string,
    machine: Machine,
    signal: AbortSignal,
  ): Promise<string | undefined>;

  /** What hardware and VMware Tools report now. Throws `machine-missing`. */
  abstract state(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<MachineState>;

  /** Waits until VMware Tools run. */
  abstract waitForTools(vcenterId: string, machine: Machine, signal: AbortSignal): Promise<void>;

  /** Waits until VMware Tools run and the guest reports the address. */
  abstract waitForAddress(
    vcenterId: string,
    machine: Machine,
    address: string,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Waits until VMware Tools run and the guest has had the same first address on its first adapter for so long, in ms.
   * Link-local ones do not count. Answers it.
   */
  abstract waitForAnyAddress(
    vcenterId: string,
    machine: Machine,
    unchangedForMs: number,
    signal: AbortSignal,
  ): Promise<string>;

  /** Connects the first adapter to the port group. Changes only what differs. */
  abstract connectNetwork(
    vcenterId: string,
    machine: Machine,
    portGroup: ObjectRef,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Powers off and destroys what this run created, and answers its MoRef; `undefined` when there is nothing.
   * Throws `not-our-machine` before it touches a machine that does not carry the run's id.
   */
  abstract destroyOfRun(
    vcenterId: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}
