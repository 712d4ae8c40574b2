import * as z from 'zod';
import { parseCidr, parseIpv4 } from './ipv4';

/** An address of a machine or a server. */
export const address = z.string().refine((text) => parseIpv4(text) !== undefined, {
  error: 'must be an IPv4 address such as 10.1.0.20',
});

/** A network, written with its first address. */
export const cidr = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: 'must be a network such as 10.1.0.0/24, written with its first address',
});

/** A port group, by name or MoRef. */
export const portGroup = (description: string) => z.string().min(1).max(255).meta({ description });

/** A DNS domain. */
export const domain = z
  .string()
  .max(200)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, {
    error: 'must be a DNS domain in lower case such as example.net',
  });
