import * as z from 'zod';
import { type Ipv4Network, isUsableIn, parseCidr, parseIpv4 } from '../deployments/ipv4';
import { address, cidr, domain, portGroup } from '../deployments/network-fields';
import { pageOf } from '../paging/page';

/** Addresses that one profile gives out at most: the hosts of a /16. */
export const MAX_POOL_SIZE = 65_534;

/** A range of addresses, both ends included. */
export const AddressRange = z.strictObject({ first: address, last: address });
export type AddressRange = z.infer<typeof AddressRange>;

/** What the network is called in one vCenter. */
export const NetworkInVCenter = z.strictObject({
  vcenterId: z.uuid({ error: 'must be the id of a vCenter; GET /vcenters lists them' }),
  portGroup: portGroup('Network or distributed port group: name or MoRef.'),
  stagingPortGroup: portGroup('Port group that machines are configured on first.').optional(),
});
export type NetworkInVCenter = z.infer<typeof NetworkInVCenter>;

const fields = {
  name: z.string().trim().min(1).max(100),
  description: z.string().max(2_000).default(''),
  portGroups: z.array(NetworkInVCenter).min(1).max(50).meta({
    description: 'What the network is called in each vCenter that has it.',
  }),
  vlan: z.number().int().min(0).max(4_094).optional().meta({
    description: 'Shown to people. Which network a machine gets, the port group says.',
  }),
  cidr,
  gateway: address.optional(),
  dns: z.array(address).max(4).default([]),
  domain: domain.optional(),
  ranges: z.array(AddressRange).max(50).default([]).meta({
    description: 'Addresses to give out, in this order. Left out: every one of the network.',
  }),
  exclusions: z.array(AddressRange).max(200).default([]).meta({
    description: 'Addresses that no machine gets. The gateway and the DNS servers never are given.',
  }),
};

/** What `POST /network-profiles` and `PUT /network-profiles/:id` take: a network, and the addresses to give out. */
export const NetworkProfileInput = z
  .strictObject(fields)
  .superRefine((profile, context) => {
    for (const problem of problemsIn(profile)) {
      context.addIssue({ code: 'custom', ...problem });
    }
  })
  .meta({ id: 'NetworkProfileInput' });
export type NetworkProfileInput = z.infer<typeof NetworkProfileInput>;

/** A network profile as the API shows it. */
export const NetworkProfileView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    portGroups: z.array(NetworkInVCenter),
    vlan: z.number().int().nullable(),
    cidr: z.string(),
    gateway: z.string().nullable(),
    dns: z.array(z.string()),
    domain: z.string().nullable(),
    ranges: z.array(AddressRange),
    exclusions: z.array(AddressRange),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'NetworkProfile' });
export type NetworkProfileView = z.infer<typeof NetworkProfileView>;

export const NetworkProfilePage = pageOf(NetworkProfileView).meta({ id: 'NetworkProfilePage' });

/** A range as numbers, both ends included. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** What the addresses that a profile gives out follow from. */
type Pool = Pick<NetworkProfileInput, 'cidr' | 'ranges'>;

/** The ranges that a profile gives out; all usable addresses of its network where it names none. */
export function rangesOf({ cidr: text, ranges }: Pool): readonly NumberRange[] {
  const network = parseCidr(text);
  return ranges.length > 0 || !network ? ranges.map(toNumbers) : [usableIn(network)];
}

/** The range as numbers. */
export function toNumbers({ first, last }: AddressRange): NumberRange {
  return { first: parseIpv4(first) ?? 0, last: parseIpv4(last) ?? 0 };
}

function usableIn({ base, prefix }: Ipv4Network): NumberRange {
  const last = base + 2 ** (32 - prefix) - 1;
  return prefix > 30 ? { first: base, last } : { first: base + 1, last: last - 1 };
}

interface Wrong {
  readonly path: (string | number)[];
  readonly message: string;
}

function problemsIn(profile: NetworkProfileInput): Wrong[] {
  const network = parseCidr(profile.cidr);
  if (!network) {
    return []; // told by its own field already
  }
  const outside = (path: (string | number)[], text = ''): Wrong[] => {
    const number = parseIpv4(text);
    const message = `${text} is not an address that a host of ${profile.cidr} can have`;
    return number === undefined || isUsableIn(network, number) ? [] : [{ path, message }];
  };
  return [
    ...outside(['gateway'], profile.gateway),
    ...(['ranges', 'exclusions'] as const).flatMap((field) =>
      profile[field].flatMap(({ first, last }, index) => [
        ...outside([field, index, 'first'], first),
        ...outside([field, index, 'last'], last),
        ...wrongOrder([field, index], toNumbers({ first, last })),
      ]),
    ),
    ...overlaps(profile.ranges.map(toNumbers)),
    ...tooMany(profile),
    ...twice(profile.portGroups),
  ];
}

function wrongOrder(path: (string | number)[], { first, last }: NumberRange): Wrong[] {
  return first <= last ? [] : [{ path, message: 'ends before it begins' }];
}

function overlaps(ranges: readonly NumberRange[]): Wrong[] {
  return ranges.flatMap((range, index) => {
    const earlier = ranges
      .slice(0, index)
      .findIndex(({ first, last }) => range.first <= last && range.last >= first);
    const message = `overlaps range ${earlier}; each address is given out in one place`;
    return earlier < 0 ? [] : [{ path: ['ranges', index], message }];
  });
}

function tooMany(profile: Pool): Wrong[] {
  const total = rangesOf(profile).reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const message = `has ${total} addresses; a profile gives out ${MAX_POOL_SIZE} at most: name smaller ranges`;
  return total > MAX_POOL_SIZE ? [{ path: ['ranges'], message }] : [];
}

function twice(portGroups: readonly NetworkInVCenter[]): Wrong[] {
  const ids = portGroups.map(({ vcenterId }) => vcenterId);
  return ids.flatMap((id, index) =>
    ids.indexOf(id) === index
      ? []
      : [
          {
            path: ['portGroups', index, 'vcenterId'],
            message: 'is named twice; a network has one port group in a vCenter',
          },
        ],
  );
}
