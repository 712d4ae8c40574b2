import { guestOf, type MachineRequest } from '@diaken/contracts';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import type { WithMachine } from './facts';

/** Whether the machine starts on its template's address. */
export const isStaged = (request: MachineRequest): boolean =>
  guestOf(request).guestInit === 'staging-address';

/** The address that the template boots on must be nobody's in vCenter. Throws `staging-address-taken`. */
export async function requireUnreported(
  { vcenter }: ProvisioningTools,
  request: MachineRequest,
  signal: AbortSignal,
): Promise<void> {
  const { stagingAddress: address } = guestOf(request);
  if (address === null) {
    return;
  }
  const { vcenterId, placement, hostname: name } = request;
  const { addressHolder } = await vcenter.inspect(vcenterId, placement, { name, address }, signal);
  if (addressHolder !== null) {
    throw taken(
      `The machine ${addressHolder} in vCenter reports ${address}, the address that the template boots on.`,
    );
  }
}

/** Whoever takes connections there while our machine is off is another one. Throws `staging-address-taken`. */
export async function requireSilence(
  { vcenter, network }: ProvisioningTools,
  request: MachineRequest & WithMachine,
  signal: AbortSignal,
): Promise<void> {
  const { stagingAddress: address } = guestOf(request);
  if (address === null) {
    return;
  }
  const { vcenterId, machine, sshPort } = request;
  const { poweredOn } = await vcenter.state(vcenterId, machine, signal);
  const openPort = poweredOn ? null : await network.answersAt(address, sshPort, signal);
  if (openPort !== null) {
    throw taken(
      `Another machine takes connections on port ${openPort} of ${address}, the address that the template boots on. Nothing was changed on it, and ours was not started.`,
    );
  }
}

function taken(cause: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'staging-address-taken',
    cause,
    remedy:
      'Find out which machine has the address: most likely that of a run that failed (roll it back), or the template itself, switched on. Free it and resume the run.',
    // A machine that is being rolled back has it for a little while yet.
    transient: true,
  });
}
