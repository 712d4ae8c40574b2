import type { InventoryObject, ObjectRef, Placement } from '@diaken/contracts';
import {
  type CloneOrder,
  type CloneSighting,
  type CloudInitOrder,
  type CustomizationOrder,
  type HardwareOrder,
  type InventoryReading,
  type ListedMachine,
  type Machine,
  type MachineState,
  type PlacementReport,
  type SoughtClone,
  type TaskFollowing,
  type VCenter,
} from '../ports/vcenter';
import { Calls, untilAborted } from './calls';
import { finalFailure } from './failures';
import { FakeClones } from './fake-clones';
import { FakeHostMachines } from './fake-host-machines';
import { adaptersOf, disksOf, giveHardware } from './fake-hardware';
import { inventoryOf, missingIn, requireAll } from './fake-inventory';
import {
  type FakeMachine,
  fakeMachine,
  foundByRun,
  handleOf,
  needed,
  startedAddresses,
} from './fake-machine';
import { placement as whole, STAGING } from './machine-request';

const GIB = 1024 ** 3;

/** A vCenter in memory. A machine that is powered on reports at once what it was customized with. */
export class FakeVCenter extends FakeHostMachines {
  readonly calls = new Calls<keyof VCenter>();
  readonly clones = new FakeClones((order) => this.addClone(order));
  readonly machines = new Map<string, FakeMachine>();
  instanceUuid = 'dbed6e0c-0000-4000-8000-000000000001';
  inventory: InventoryObject[] = inventoryOf(whole({ stagingPortGroup: STAGING }));
  templateBytes = 10 * GIB;
  datastoreFreeBytes = 100 * GIB;
  /** Whether VMware Tools start in guests. */
  guestsStart = true;
  /** What guests get by DHCP. */
  leasedAddress = '10.1.0.120';
  /** What guests have that nobody gives an address. */
  templateAddress: string | null = null;
  private made = 0;

  /** Puts a machine there that nobody asked for. */
  add(machine: Partial<FakeMachine> = {}): FakeMachine {
    const added = fakeMachine(++this.made, machine);
    this.machines.set(added.moRef, added);
    return added;
  }

  /** Takes an object out of the inventory, as if somebody had removed it. */
  remove(name: string): void {
    this.inventory = this.inventory.filter((object) => object.name !== name);
  }

  /** The machine that a run made. */
  machineOf(run: string): FakeMachine | undefined {
    return [...this.machines.values()].find((machine) => machine.run === run);
  }

  override readInventory(_id: string, signal: AbortSignal): Promise<InventoryReading> {
    return this.answer('readInventory', signal, () => ({
      ...{ instanceUuid: this.instanceUuid, objects: this.inventory },
    }));
  }

  override listMachines(_id: string, signal: AbortSignal): Promise<readonly ListedMachine[]> {
    return this.answer('listMachines', signal, () =>
      [...this.machines.values()].map(({ moRef, name, instanceUuid, run }) => ({
        ...{ moRef, name, instanceUuid },
        runId: run,
      })),
    );
  }

  override inspect(
    _id: string,
    placement: Placement,
    asked: { readonly name: string; readonly address: string | null },
    signal: AbortSignal,
  ): Promise<PlacementReport> {
    return this.answer('inspect', signal, () => {
      const { templateBytes, datastoreFreeBytes } = this;
      const problems = missingIn(this.inventory, placement);
      const holder = [...this.machines.values()].find(
        ({ addresses }) => asked.address !== null && addresses.includes(asked.address),
      );
      const nameTaken = this.isNameTaken(asked.name);
      const addressHolder = holder?.name ?? null;
      return { problems, templateBytes, datastoreFreeBytes, nameTaken, addressHolder };
    });
  }

  override findByRun(
    _id: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<Machine | undefined> {
    return this.answer('findByRun', signal, () => {
      const found = foundByRun(this.machines, runId);
      // A copy, as over a wire: what a step has read does not change by itself.
      return found && handleOf(found);
    });
  }

  override findByInstanceUuid(
    _id: string,
    instanceUuid: string,
    signal: AbortSignal,
  ): Promise<Machine | undefined> {
    return this.answer('findByInstanceUuid', signal, () => {
      const found = [...this.machines.values()].find((one) => one.instanceUuid === instanceUuid);
      return found && handleOf(found);
    });
  }

  override findClone(
    _id: string,
    { runId, name }: SoughtClone,
    signal: AbortSignal,
  ): Promise<CloneSighting> {
    return this.answer('findClone', signal, () => {
      const machine = foundByRun(this.machines, runId);
      if (machine) {
        return { state: 'made', machine: handleOf(machine) };
      }
      return { state: this.clones.names.includes(name) ? 'being-made' : 'absent' };
    });
  }

  override startClone(_id: string, order: CloneOrder, signal: AbortSignal): Promise<string> {
    return this.answer('startClone', signal, () => {
      requireAll(this.inventory, order.placement);
      if (this.isNameTaken(order.name)) {
        throw finalFailure('name-in-vcenter', `The folder already holds ${order.name}.`);
      }
      return this.clones.start(order);
    });
  }

  override followTask(_id: string, task: string, following: TaskFollowing): Promise<void> {
    return this.answer(
      'followTask',
      following.signal,
      () => this.followOwn(task, following) ?? this.clones.follow(task, following),
    );
  }

  override configureHardware(
    _id: string,
    machine: Machine,
    order: HardwareOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.answer('configureHardware', signal, () => {
      giveHardware(needed(this.machines, machine), order);
    });
  }

  override customize(
    _id: string,
    machine: Machine,
    order: CustomizationOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.answer('customize', signal, () => {
      const found = needed(this.machines, machine);
      if (found.poweredOn) {
        throw finalFailure('vcenter-fault', 'The machine is in the wrong power state.');
      }
      found.customization = order;
    });
  }

  override seedCloudInit(
    _id: string,
    machine: Machine,
    order: CloudInitOrder,
    signal: AbortSignal,
  ): Promise<void> {
    return this.answer('seedCloudInit', signal, () => {
      needed(this.machines, machine).customization = order;
    });
  }

  override powerOn(_id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.answer('powerOn', signal, () => {
      const found = needed(this.machines, machine);
      found.poweredOn = true;
      found.suspended = false;
      found.toolsRunning = this.guestsStart;
      found.hostName = this.guestsStart ? (found.customization?.hostname ?? found.name) : null;
      found.addresses = this.guestsStart ? startedAddresses(found, this) : [];
    });
  }

  override powerOff(_id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.answer('powerOff', signal, () => {
      const off = { poweredOn: false, toolsRunning: false, hostName: null, addresses: [] };
      Object.assign(needed(this.machines, machine), off);
    });
  }

  override state(_id: string, machine: Machine, signal: AbortSignal): Promise<MachineState> {
    return this.answer('state', signal, () => {
      const found = needed(this.machines, machine);
      return { ...found, ...disksOf(found), adapters: adaptersOf(found) };
    });
  }

  override waitForTools(_id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.answer('waitForTools', signal, async () => {
      if (!needed(this.machines, machine).toolsRunning) {
        await untilAborted(signal);
      }
    });
  }

  override waitForAnyAddress(
    _id: string,
    machine: Machine,
    _unchangedForMs: number,
    signal: AbortSignal,
  ): Promise<string> {
    return this.answer('waitForAnyAddress', signal, async () => {
      const [address] = needed(this.machines, machine).addresses;
      return address ?? untilAborted(signal);
    });
  }

  override waitForAddress(
    _id: string,
    machine: Machine,
    address: string,
    signal: AbortSignal,
  ): Promise<void> {
    return this.answer('waitForAddress', signal, async () => {
      const { toolsRunning, addresses } = needed(this.machines, machine);
      if (!toolsRunning || !addresses.includes(address)) {
        await untilAborted(signal);
      }
    });
  }

  override connectNetwork(
    _id: string,
    machine: Machine,
    portGroup: ObjectRef,
    signal: AbortSignal,
  ): Promise<void> {
    return this.answer('connectNetwork', signal, () => {
      needed(this.machines, machine).portGroup = portGroup.moRef;
    });
  }

  override destroyOfRun(
    _id: string,
    runId: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.answer('destroyOfRun', signal, () => {
      const machine = foundByRun(this.machines, runId);
      if (machine) {
        this.machines.delete(machine.moRef);
        this.destroyed.push(machine.name);
      }
      return machine?.moRef;
    });
  }

  private answer<T>(
    name: keyof VCenter,
    signal: AbortSignal,
    work: () => T | Promise<T>,
  ): Promise<T> {
    return this.calls.answer(name, () => {
      signal.throwIfAborted();
      return work();
    });
  }

  private addClone({ runId, name, placement, cpus, memoryMb }: CloneOrder): void {
    const portGroup = placement.portGroup.moRef;
    this.add({ name, run: runId, instanceUuid: runId, cpus, memoryMb, portGroup });
  }

  private isNameTaken(name: string): boolean {
    const names = [...this.machines.values()].map((machine) => machine.name);
    return [...names, ...this.clones.names].includes(name);
  }
}
