import { defineStep } from '@diaken/pipeline';
import type { GuestIdentity } from '../ports/guest-shell';
import type { MachineState } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes, seconds } from './facts';
import { proveIdentity } from './identity';

/** Proves that the machine is what was asked for: name, address, gateway, network, hardware, login. */
export const verifyMachine = ({ vcenter, guests }: ProvisioningTools) =>
  defineStep<LoginFacts, object>({
    name: 'verify-machine',
    title: 'Verify the machine',
    timeoutMs: minutes(5),
    retry: { attempts: 20, delayMs: seconds(3) },
    run: async (facts, at) => {
      const { vcenterId, machine, network, sshPort, credentialId, hostKey } = facts;
      const target = { address: network.address, port: sshPort, credentialId, hostKey };
      const guest = await guests.identify(target, at.signal);
      proveIdentity(guest, machine, network.address);
      const state = await vcenter.state(vcenterId, machine, at.signal);
      const wrong = [...wrongInGuest(facts, guest), ...wrongInVCenter(facts, state)];
      if (wrong.length > 0) {
        throw notAsAsked(wrong);
      }
      at.log(
        `Verified: ${guest.hostName} at ${network.address}, on ${facts.placement.portGroup.name}.`,
      );
      return {};
    },
  });

function wrongInGuest({ hostname, network }: LoginFacts, guest: GuestIdentity): string[] {
  const name = guest.hostName.split('.')[0];
  return [
    ...(name === hostname ? [] : [`the guest calls itself ${guest.hostName}, not ${hostname}`]),
    ...(guest.addresses.length === 0 || guest.addresses.includes(network.address)
      ? []
      : [`the guest has ${guest.addresses.join(', ')}, not ${network.address}`]),
    ...(network.gateway === undefined || guest.gateway === null || guest.gateway === network.gateway
      ? []
      : [`the guest’s gateway is ${guest.gateway}, not ${network.gateway}`]),
  ];
}

function wrongInVCenter(
  { placement, network, cpus, memoryMb }: LoginFacts,
  state: MachineState,
): string[] {
  const adapter = state.adapters[0];
  return [
    ...(adapter?.portGroup === placement.portGroup.moRef
      ? []
      : [`its network adapter is not on ${placement.portGroup.name}`]),
    ...(adapter?.addresses.includes(network.address)
      ? []
      : [
          `VMware Tools report ${adapter?.addresses.join(', ') || 'no address'}, not ${network.address}`,
        ]),
    ...(state.cpus === cpus ? [] : [`it has ${state.cpus} CPUs, not ${cpus}`]),
    ...(state.memoryMb === memoryMb
      ? []
      : [`it has ${state.memoryMb} MiB of memory, not ${memoryMb}`]),
  ];
}

function notAsAsked(wrong: readonly string[]): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'verification-failed',
    cause: `The machine is not what was asked for: ${wrong.join('; ')}.`,
    remedy: 'Mend it on the machine or in vCenter and resume the run, or roll back.',
    // Guests and VMware Tools take a while to tell of a change.
    transient: true,
  });
}
