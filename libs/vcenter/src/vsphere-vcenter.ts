import type { ObjectRef, Placement } from '@diaken/contracts';
import {
  type CloneOrder,
  type CloneSighting,
  type CloudInitOrder,
  type CustomizationOrder,
  type FoundMachine,
  type HardwareOrder,
  type InventoryReading,
  type ListedMachine,
  type Machine,
  type MachineState,
  type PlacementReport,
  type RegisteredVm,
  type SoughtClone,
  type TaskFollowing,
  VCenter,
} from '@diaken/provisioning';
import { Connections, type VsphereOptions } from './connections';
import { inspectPlacement } from './inventory/inspect-placement';
import { readInventory } from './inventory/read-inventory';
import { configureHardware, connectNetwork } from './machines/change-hardware';
import { startClone } from './machines/clone-template';
import { customizeGuest } from './machines/customize-guest';
import { destroyOfRun, startDestroy } from './machines/destroy-machine';
import { findClone } from './machines/find-clone';
import { findByRun, findMachine } from './machines/find-machine';
import { findRegistered } from './machines/find-registered';
import { listMachines } from './machines/list-machines';
import { readState } from './machines/machine-state';
import { askGuest, powerOff, powerOn, startReset, suspend, waitUntilOff } from './machines/power';
import { seedCloudInit } from './machines/seed-cloud-init';
import { type GuestPasswords, openOrder } from './machines/sysprep-identity';
import { waitForAddress, waitForAnyAddress, waitForTools } from './machines/wait-for-guest';
import { followTask } from './tasks/follow-task';
import { taskOf } from './tasks/run-task';
import type { VCenterDirectory } from './vcenter-directory';

const DEFAULTS: VsphereOptions = { callTimeoutMs: 30_000, pollEveryMs: 1_000 };

/** Asks vCenters over the vSphere SOAP API (7.0 and later): one session for each vCenter. */
export class VsphereVCenter extends VCenter {
  private readonly connections: Connections;

  /** `passwords`: for Windows guests. */
  constructor(
    directory: VCenterDirectory,
    options: Partial<VsphereOptions> = {},
    private readonly passwords?: GuestPasswords,
  ) {
    super();
    this.connections = new Connections(directory, { ...DEFAULTS, ...options });
  }

  /** Logs out of every vCenter. Whoever still waits gets a transient failure. */
  close(): Promise<void> {
    return this.connections.close();
  }

  override readInventory(id: string, signal: AbortSignal): Promise<InventoryReading> {
    return this.connections.use(id, (vcenter) => readInventory(vcenter, signal));
  }

  override listMachines(id: string, signal: AbortSignal): Promise<readonly ListedMachine[]> {
    return this.connections.use(id, (vcenter) => listMachines(vcenter, signal));
  }

  override inspect(
    id: string,
    placement: Placement,
    asked: { readonly name: string; readonly address: string | null },
    signal: AbortSignal,
  ): Promise<PlacementReport> {
    return this.connections.use(id, (vcenter) =>
      inspectPlacement(vcenter, placement, asked, signal),
    );
  }

  override findByRun(id: string, runId: string, signal: AbortSignal): Promise<Machine | undefined> {
    return this.connections.use(id, (vcenter) => findByRun(vcenter, runId, signal));
  }

  override findByInstanceUuid(
    id: string,
    instanceUuid: string,
    signal: AbortSignal,
  ): Promise<Machine | undefined> {
    return this.connections.use(id, (vcenter) => findMachine(vcenter, instanceUuid, signal));
  }

  override findClone(id: string, sought: SoughtClone, signal: AbortSignal): Promise<CloneSighting> {
    return this.connections.use(id, (vcenter) => findClone(vcenter, sought, signal));
  }

  override startClone(id: string, order: CloneOrder, signal: AbortSignal): Promise<string> {
    return this.connections.use(id, (vcenter) => startClone(vcenter, order, signal));
  }

  override followTask(id: string, task: string, following: TaskFollowing): Promise<void> {
    return this.connections.use(id, (vcenter) => followTask(vcenter, taskOf(task), following));
  }

  override configureHardware(
    id: string,
    machine: Machine,
    order: HardwareOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, (vcenter) =>
      configureHardware(vcenter, machine, order, signal),
    );
  }

  override customize(
    id: string,
    machine: Machine,
    order: CustomizationOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, async (vcenter) => {
      await customizeGuest(vcenter, machine, await openOrder(order, this.passwords), signal);
    });
  }

  override seedCloudInit(
    id: string,
    machine: Machine,
    order: CloudInitOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, (vcenter) => seedCloudInit(vcenter, machine, order, signal));
  }

  override powerOn(id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.connections.use(id, (vcenter) => powerOn(vcenter, machine, signal));
  }

  override powerOff(id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.connections.use(id, (vcenter) => powerOff(vcenter, machine, signal));
  }

  override suspend(id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.connections.use(id, (vcenter) => suspend(vcenter, machine, signal));
  }

  override startReset(id: string, machine: Machine, signal: AbortSignal): Promise<string> {
    return this.connections.use(id, (vcenter) => startReset(vcenter, machine, signal));
  }

  override askGuest(
    id: string,
    machine: Machine,
    wish: 'shutdown' | 'reboot',
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, (vcenter) => askGuest(vcenter, machine, wish, signal));
  }

  override waitUntilOff(id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.connections.use(id, (vcenter) => waitUntilOff(vcenter, machine, signal));
  }

  override findRegistered(
    id: string,
    registered: RegisteredVm,
    signal: AbortSignal,
  ): Promise<FoundMachine | undefined> {
    return this.connections.use(id, (vcenter) => findRegistered(vcenter, registered, signal));
  }

  override startDestroy(
    id: string,
    machine: Machine,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.connections.use(id, (vcenter) => startDestroy(vcenter, machine, signal));
  }

  override state(id: string, machine: Machine, signal: AbortSignal): Promise<MachineState> {
    return this.connections.use(id, (vcenter) => readState(vcenter, machine, signal));
  }

  override waitForTools(id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.connections.use(id, (vcenter) => waitForTools(vcenter, machine, signal));
  }

  override waitForAnyAddress(
    id: string,
    machine: Machine,
    unchangedForMs: number,
    signal: AbortSignal,
  ): Promise<string> {
    return this.connections.use(id, (vcenter) =>
      waitForAnyAddress(vcenter, machine, unchangedForMs, signal),
    );
  }

  override waitForAddress(
    id: string,
    machine: Machine,
    address: string,
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, (vcenter) => waitForAddress(vcenter, machine, address, signal));
  }

  override connectNetwork(
    id: string,
    machine: Machine,
    portGroup: ObjectRef,
    signal: AbortSignal,
  ): Promise<void> {
    return this.connections.use(id, (vcenter) =>
      connectNetwork(vcenter, machine, portGroup, signal),
    );
  }

  override destroyOfRun(
    id: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.connections.use(id, (vcenter) => destroyOfRun(vcenter, runId, signal));
  }
}
