import * as z from 'zod';
import { parseIpv4 } from '../deployments/ipv4';

/** Names that mean something else in an Ansible inventory. */
const RESERVED = ['all', 'ungrouped', 'localhost'];

/** What a host is called: one or more DNS labels, stored in lower case. */
export const InventoryName = z
  .string()
  .trim()
  .toLowerCase()
  .max(253, { error: 'is longer than the 253 characters a host name may have' })
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, {
    error: 'must be a host name such as web-01 or web-01.example.net',
  })
  .refine((name) => !RESERVED.includes(name), {
    error: `must not be one of ${RESERVED.join(', ')}: Ansible means something else by it`,
  });

/** Where a host is reached: an address, not a name that could lead elsewhere tomorrow. */
export const HostAddress = z
  .string()
  .trim()
  .refine((text) => parseIpv4(text) !== undefined || z.ipv6().safeParse(text).success, {
    error: 'must be an IP address such as 10.1.0.20',
  });
