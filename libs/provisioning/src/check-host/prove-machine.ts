import { proveIdentity } from '../deploy-vm/identity';
import type { GuestIdentity } from '../ports/guest-shell';
import type { ContactHost } from '../ports/host-contacts';
import type { VCenter } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** A guest that answered, and the virtual machine that it should be. */
export interface Answering {
  readonly guest: GuestIdentity;
  readonly address: string;
  readonly machine: NonNullable<ContactHost['machine']>;
}

/** Throws unless the guest is the virtual machine that vCenter has. */
export async function proveMachine(
  vcenter: VCenter,
  { guest, address, machine }: Answering,
  signal: AbortSignal,
): Promise<void> {
  const { vcenterId, instanceUuid } = machine;
  const known = await vcenter.findByInstanceUuid(vcenterId, instanceUuid, signal);
  if (!known) {
    throw gone(instanceUuid);
  }
  proveIdentity(guest, known, address);
}

function gone(instanceUuid: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'machine-missing',
    cause: `The virtual machine of the host (instance UUID ${instanceUuid}) is not in vCenter any more, so whoever answers cannot be compared with it.`,
    remedy: 'Archive the host, or adopt the machine that it is now.',
  });
}
