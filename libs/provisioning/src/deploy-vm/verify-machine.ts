import { guestOf, type MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { GuestIdentity } from '../ports/guest-shell';
import type { MachineState } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import {
  minutes,
  needsLogin,
  seconds,
  type WithAddress,
  type WithHostKey,
  type WithMachine,
} from './facts';
import { wrongHardware } from './hardware-check';
import { proveIdentity } from './identity';

type Needs = MachineRequest & WithMachine & WithAddress & Partial<WithHostKey>;

/**
 * Proves that the machine is what was asked for: name, address, gateway, network, hardware, login. Where the template's
 * readiness is less than a login, as much of it as vCenter tells.
 */
export const verifyMachine = (tools: ProvisioningTools) =>
  defineStep<Needs, object>({
    name: 'verify-machine',
    title: 'Verify the machine',
    timeoutMs: minutes(5),
    retry: { attempts: 20, delayMs: seconds(3) },
    run: async (facts, at) => {
      const { vcenterId, machine, hostname, address } = facts;
      const guest = needsLogin(facts) && (await identify(tools, facts, at.signal));
      const state = await tools.vcenter.state(vcenterId, machine, at.signal);
      const wrong = [
        ...(guest ? wrongInGuest(facts, guest) : []),
        ...wrongAddress(facts, state),
        ...wrongInVCenter(facts, state),
        ...wrongHardware(facts, state),
      ];
      if (wrong.length > 0) {
        throw notAsAsked(wrong);
      }
      const who = guest ? `${guest.hostName} at ${address}` : hostname;
      at.log(`Verified: ${who}, on ${facts.placement.portGroup.name}.`);
      return {};
    },
  });

async function identify(
  { guests }: ProvisioningTools,
  { machine, address, sshPort, credentialId, hostKey }: Needs,
  signal: AbortSignal,
): Promise<GuestIdentity> {
  const pinned = hostKey !== undefined && { hostKey };
  const target = { address, port: sshPort, credentialId, ...pinned };
  const guest = await guests.identify(target, signal);
  proveIdentity(guest, machine, address);
  return guest;
}

function wrongInGuest({ hostname, network, address }: Needs, guest: GuestIdentity): string[] {
  const name = guest.hostName.split('.')[0];
  return [
    ...(name === hostname ? [] : [`the guest calls itself ${guest.hostName}, not ${hostname}`]),
    ...(guest.addresses.length === 0 || guest.addresses.includes(address)
      ? []
      : [`the guest has ${guest.addresses.join(', ')}, not ${address}`]),
    ...(network.gateway === undefined || guest.gateway === null || guest.gateway === network.gateway
      ? []
      : [`the guest’s gateway is ${guest.gateway}, not ${network.gateway}`]),
  ];
}

function wrongAddress(facts: Needs, { adapters: [adapter] }: MachineState): string[] {
  const { readiness } = guestOf(facts);
  const isReported = adapter?.addresses.includes(facts.address) ?? false;
  if (isReported || readiness === 'none' || readiness === 'tools') {
    return [];
  }
  const reported = adapter?.addresses.join(', ') || 'no address';
  return [`VMware Tools report ${reported}, not ${facts.address}`];
}

function wrongInVCenter({ placement }: Needs, state: MachineState): string[] {
  return [
    ...(state.adapters[0]?.portGroup === placement.portGroup.moRef
      ? []
      : [`its network adapter is not on ${placement.portGroup.name}`]),
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
