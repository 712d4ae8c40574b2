import { type HostMachine, MachineOwners, type MakerRun } from '../ports/machine-owners';
import { Calls } from './calls';
import type { FakeHostRegister } from './fake-host-register';

/** Runs in memory, and the hosts of a fake inventory. */
export class FakeMachineOwners extends MachineOwners {
  readonly calls = new Calls<keyof MachineOwners>();
  private readonly known = new Map<string, Pick<MakerRun, 'status' | 'isKept'>>();
  /** Runs whose host was decommissioned. */
  readonly decommissioned = new Set<string>();
  /** Hosts that a run is about to remove. */
  readonly leaving = new Set<string>();

  constructor(private readonly register: FakeHostRegister) {
    super();
  }

  /** What became of a run. */
  add(runId: string, status: MakerRun['status'], isKept = false): void {
    this.known.set(runId, { status, isKept });
  }

  override runs(ids: readonly string[]): Promise<readonly MakerRun[]> {
    return this.calls.answer('runs', () =>
      ids.flatMap((runId) => {
        const hasHost = this.register.hosts.some(({ createdByRun }) => createdByRun === runId);
        const run = this.known.get(runId) ?? { status: null, isKept: false };
        const isDecommissioned = this.decommissioned.has(runId);
        return run.status || hasHost ? [{ runId, ...run, hasHost, isDecommissioned }] : [];
      }),
    );
  }

  override hosts(vcenterId: string): Promise<readonly HostMachine[]> {
    return this.calls.answer('hosts', () =>
      this.register.hosts
        .filter((host) => host.vcenterId === vcenterId)
        .map(({ id, name, vmMoRef, vmInstanceUuid }) => ({
          ...{ hostId: id, name, vmMoRef, vmInstanceUuid, isLeaving: this.leaving.has(id) },
        })),
    );
  }
}
