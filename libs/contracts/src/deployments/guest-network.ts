import * as z from 'zod';
import { isUsableIn, parseCidr, parseIpv4 } from './ipv4';

const address = z.string().refine((text) => parseIpv4(text) !== undefined, {
  error: 'must be an IPv4 address such as 10.1.0.20',
});

/** The static network settings of a machine. */
export const GuestNetwork = z
  .strictObject({
    portGroup: z.string().min(1).max(255).meta({
      description: 'Network or distributed port group that the machine ends on: name or MoRef.',
    }),
    stagingPortGroup: z.string().min(1).max(255).optional().meta({
      description: 'Port group it is configured on first; left out: configured on `portGroup`.',
    }),
    cidr: z
      .string()
      .refine((text) => parseCidr(text) !== undefined, {
        error: 'must be a network such as 10.1.0.0/24, written with its first address',
      })
      .meta({ description: 'The network that the address belongs to.' }),
    address,
    gateway: address.optional(),
    dns: z.array(address).max(4).default([]),
    domain: z
      .string()
      .max(200)
      .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, {
        error: 'must be a DNS domain in lower case such as example.net',
      })
      .optional(),
  })
  .superRefine((network, context) => {
    for (const field of ['address', 'gateway'] as const) {
      const message = whyUnusable(network.cidr, network[field]);
      if (message) {
        context.addIssue({ code: 'custom', path: [field], message });
      }
    }
    if (network.gateway === network.address) {
      context.addIssue({
        code: 'custom',
        path: ['gateway'],
        message: 'is the machine’s own address',
      });
    }
  });
export type GuestNetwork = z.infer<typeof GuestNetwork>;

function whyUnusable(cidr: string, text: string | undefined): string | undefined {
  const network = parseCidr(cidr);
  const parsed = text === undefined ? undefined : parseIpv4(text);
  if (!network || parsed === undefined || isUsableIn(network, parsed)) {
    return undefined;
  }
  return `${text} is outside its network: no host of ${cidr} can have it; choose another address, or correct cidr`;
}
