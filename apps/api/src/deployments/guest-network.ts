import {
  type FieldProblem,
  type GuestNetwork,
  type GuestSettings,
  type NetworkRequest,
  parseIpv4,
  wrongAddresses,
} from '@diaken/contracts';
import { exclusionsOf, type NetworkProfileEntity } from '@diaken/persistence';
import { invalid } from '../http/refusal';

/** A network whose address may still be missing: the next free one of the profile then, or one by DHCP. */
export type OpenNetwork = GuestNetwork;

/** A profile, and the vCenter in which a machine is to be on its network. */
export interface ChosenProfile {
  readonly profile: NetworkProfileEntity;
  readonly vcenterId: string;
}

/** All that is known of the network, from the request and from its profile. Throws a refusal when they disagree. */
export function networkOf(
  { profileId: _profileId, ...asked }: NetworkRequest,
  chosen: ChosenProfile | undefined,
): OpenNetwork {
  const merged = { ...(chosen && fieldsOf(chosen)), ...asked };
  const { portGroup = '', dns = [], ...rest } = merged;
  const open: OpenNetwork = { portGroup, dns, ...rest };
  const problems = [...wrongAddresses(open), ...excluded(asked, chosen)];
  const errors = problems.map(({ path, message }) => ({ path: `network.${path}`, message }));
  if (errors.length > 0) {
    throw invalid(errors);
  }
  return open;
}

/** What is left of a network where a DHCP server says the rest. */
export function networkFor({ address }: GuestSettings, network: OpenNetwork): OpenNetwork {
  if (address === 'static') {
    return network;
  }
  const { cidr: _cidr, address: _address, gateway: _gateway, ...left } = network;
  return { ...left, dns: [] };
}

/** What a profile says, in the words of a request. */
function fieldsOf({ profile, vcenterId }: ChosenProfile): NetworkRequest {
  const { cidr, dns, gateway, domain, portGroups } = profile;
  const here = portGroups.find((network) => network.vcenterId === vcenterId);
  if (!here) {
    const message = `the network profile ${profile.name} names no port group of this vCenter; add it there, or choose another profile`;
    throw invalid([{ path: 'network.profileId', message }]);
  }
  const { portGroup, stagingPortGroup } = here;
  return {
    ...{ portGroup, cidr, dns },
    ...(gateway !== null && { gateway }),
    ...(domain !== null && { domain }),
    ...(stagingPortGroup !== undefined && { stagingPortGroup }),
  };
}

function excluded({ address }: NetworkRequest, chosen: ChosenProfile | undefined): FieldProblem[] {
  const number = address === undefined ? undefined : parseIpv4(address);
  if (number === undefined || !chosen || !exclusionsOf(chosen.profile)(number)) {
    return [];
  }
  const message = `${address} is kept from machines by the network profile ${chosen.profile.name}; choose another, or leave it out`;
  return [{ path: 'address', message }];
}
