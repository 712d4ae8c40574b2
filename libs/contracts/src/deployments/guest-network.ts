import * as z from 'zod';
import { isUsableIn, parseCidr, parseIpv4 } from './ipv4';
import { address, cidr, domain, portGroup } from './network-fields';

/** The network settings of a machine, as far as no DHCP server says them. */
export interface GuestNetwork {
  readonly portGroup: string;
  readonly stagingPortGroup?: string | undefined;
  /** Undefined with DHCP. */
  readonly cidr?: string | undefined;
  /** Undefined with DHCP. */
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly dns: readonly string[];
  readonly domain?: string | undefined;
}

/** What only a request without a profile may say. */
const TAKEN_FROM_PROFILE = ['portGroup', 'stagingPortGroup', 'cidr'] as const;

/** The network that a request asks for: all of it, or a profile and what shall differ from it. */
export const NetworkRequest = z
  .strictObject({
    profileId: z.uuid().optional().meta({
      description: 'A network profile: all below comes from it, unless it is said here.',
    }),
    portGroup: portGroup(
      'Network or distributed port group that the machine ends on: name or MoRef.',
    ).optional(),
    stagingPortGroup: portGroup(
      'Port group it is configured on first; left out: configured on `portGroup`.',
    ).optional(),
    cidr: cidr.optional().meta({ description: 'The network that the address belongs to.' }),
    address: address.optional().meta({
      description:
        'Left out, with a profile: the next free one. Left out where the template uses DHCP.',
    }),
    gateway: address.optional(),
    dns: z.array(address).max(4).optional(),
    domain: domain.optional(),
  })
  .superRefine((network, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (network.profileId === undefined) {
      if (network.portGroup === undefined) {
        refuse('portGroup', 'is needed, unless a profileId names a network profile');
      }
    } else {
      TAKEN_FROM_PROFILE.filter((field) => network[field] !== undefined).forEach((field) =>
        refuse(field, 'comes from the network profile; leave it out, or leave profileId out'),
      );
    }
    for (const { path, message } of wrongAddresses(network)) {
      refuse(path, message);
    }
  });
export type NetworkRequest = z.infer<typeof NetworkRequest>;

/** What is wrong with addresses, as far as the network is known. */
export function wrongAddresses(
  network: Pick<NetworkRequest, 'cidr' | 'address' | 'gateway'>,
): readonly { readonly path: 'address' | 'gateway'; readonly message: string }[] {
  const outside = (['address', 'gateway'] as const).flatMap((path) => {
    const message = network.cidr && whyUnusable(network.cidr, network[path]);
    return message ? [{ path, message }] : [];
  });
  const isOwn = network.gateway !== undefined && network.gateway === network.address;
  const own = { path: 'gateway', message: 'is the machine’s own address' } as const;
  return isOwn ? [...outside, own] : outside;
}

function whyUnusable(cidrText: string, text: string | undefined): string | undefined {
  const network = parseCidr(cidrText);
  const parsed = text === undefined ? undefined : parseIpv4(text);
  if (!network || parsed === undefined || isUsableIn(network, parsed)) {
    return undefined;
  }
  return `${text} is outside its network: no host of ${cidrText} can have it; choose another address, or correct cidr`;
}
