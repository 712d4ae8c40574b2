import { randomUUID } from 'node:crypto';
import type { MachineRequest } from '@diaken/contracts';
import type { Lab } from '@diaken/lab';
import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';

/** The access to one vCenter, known without asking anybody. */
class KnownVCenter extends VCenterDirectory {
  constructor(private readonly access: VCenterAccess) {
    super();
  }

  override find(): Promise<VCenterAccess> {
    return Promise.resolve(this.access);
  }
}

/** An adapter for the lab that knows no database. */
export function bareVCenter({ url, username, password, certificateSha256 }: Lab): VsphereVCenter {
  const tls = { mode: 'pin', sha256: certificateSha256 } as const;
  const access = { id: 'lab', name: 'Lab', url, username, password, tls, revision: '1' };
  return new VsphereVCenter(new KnownVCenter(access));
}

/** The least that deployments at once cost: what each asks of vCenter, and nothing written down. */
export async function bareChains(
  vcenter: VsphereVCenter,
  machines: readonly MachineRequest[],
): Promise<void> {
  await Promise.all(machines.map((machine) => bareChain(vcenter, machine)));
}

async function bareChain(vcenter: VsphereVCenter, request: MachineRequest): Promise<void> {
  const { hostname: name, network, placement, cpus, memoryMb } = request;
  const { address = '', dns } = network;
  const runId = randomUUID();
  const { signal } = new AbortController();
  await vcenter.inspect('lab', placement, { name, address }, signal);
  const order = { runId, name, placement, cpus, memoryMb };
  await vcenter.followTask('lab', await vcenter.startClone('lab', order, signal), { signal });
  const machine = await vcenter.findByRun('lab', runId, signal);
  if (!machine) {
    throw new Error(`vCenter has no machine ${name}`);
  }
  await vcenter.configureHardware('lab', machine, { portGroups: [placement.portGroup] }, signal);
  const customization = { hostname: name, ipv4: { address, prefix: 16 }, dns };
  await vcenter.customize('lab', machine, customization, signal);
  await vcenter.powerOn('lab', machine, signal);
  await vcenter.waitForAddress('lab', machine, address, signal);
  await vcenter.state('lab', machine, signal);
}
