import type { FoundMachine, RegisteredVm } from '../ports/found-machine';
import { type Machine, type TaskFollowing, VCenter } from '../ports/vcenter';
import { type Calls, untilAborted } from './calls';
import { finalFailure } from './failures';
import type { FakeMachine } from './fake-machine';

/** What is done to the machines of hosts in a fake vCenter. Tasks end at once. */
export abstract class FakeHostMachines extends VCenter {
  abstract readonly calls: Calls<keyof VCenter>;
  abstract readonly machines: Map<string, FakeMachine>;
  /** Names of the machines that were destroyed. */
  readonly destroyed: string[] = [];
  /** Whether guests shut down when they are asked to. */
  guestsObey = true;
  /** How the next tasks of this kind end: by this failure, having changed nothing. */
  readonly faults = new Map<'reset' | 'destroy', Error>();

  override suspend(_id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.calls.answer('suspend', () => {
      signal.throwIfAborted();
      Object.assign(this.there(machine), { poweredOn: false, suspended: true });
    });
  }

  override startReset(_id: string, machine: Machine, signal: AbortSignal): Promise<string> {
    return this.calls.answer('startReset', () => {
      signal.throwIfAborted();
      this.there(machine);
      return 'reset-1';
    });
  }

  override askGuest(
    _id: string,
    machine: Machine,
    wish: 'shutdown' | 'reboot',
    signal: AbortSignal,
  ): Promise<void> {
    return this.calls.answer('askGuest', () => {
      signal.throwIfAborted();
      const found = this.there(machine);
      if (wish === 'shutdown' && this.guestsObey) {
        Object.assign(found, { poweredOn: false, toolsRunning: false, addresses: [] });
      }
    });
  }

  override waitUntilOff(_id: string, machine: Machine, signal: AbortSignal): Promise<void> {
    return this.calls.answer('waitUntilOff', async () => {
      if (this.there(machine).poweredOn) {
        await untilAborted(signal);
      }
    });
  }

  override findRegistered(
    _id: string,
    { vmMoRef, vmInstanceUuid }: RegisteredVm,
    signal: AbortSignal,
  ): Promise<FoundMachine | undefined> {
    return this.calls.answer('findRegistered', () => {
      signal.throwIfAborted();
      const found = [...this.machines.values()].find(
        ({ instanceUuid }) => instanceUuid === vmInstanceUuid,
      );
      if (!found && this.machines.has(vmMoRef)) {
        throw finalFailure('not-our-machine', `${vmMoRef} has another instance UUID.`);
      }
      return found && seen(found);
    });
  }

  override startDestroy(
    _id: string,
    { moRef }: Machine,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.calls.answer('startDestroy', () => {
      signal.throwIfAborted();
      const found = this.machines.get(moRef);
      if (found?.poweredOn) {
        throw finalFailure('vcenter-fault', 'The machine is in the wrong power state.');
      }
      if (found && !this.faults.has('destroy')) {
        this.machines.delete(moRef);
        this.destroyed.push(found.name);
      }
      return found && 'destroy-1';
    });
  }

  /** Follows a task that this class has started; `undefined`: it is another's. */
  protected followOwn(task: string, { signal }: TaskFollowing): Promise<void> | undefined {
    const [kind = ''] = task.split('-');
    if (kind !== 'reset' && kind !== 'destroy') {
      return undefined;
    }
    signal.throwIfAborted();
    const fault = this.faults.get(kind);
    return fault ? Promise.reject(fault) : Promise.resolve();
  }

  private there({ moRef }: Machine): FakeMachine {
    const found = this.machines.get(moRef);
    if (!found) {
      throw finalFailure('machine-missing', `${moRef} is not in vCenter any more.`);
    }
    return found;
  }
}

function seen({ run, poweredOn, suspended, ...machine }: FakeMachine): FoundMachine {
  const { moRef, instanceUuid, biosUuid, name } = machine;
  const off = suspended ? 'suspended' : 'off';
  return {
    ...{ machine: { moRef, instanceUuid, biosUuid }, name, markedBy: run },
    power: poweredOn ? 'on' : off,
  };
}
