import * as z from 'zod';
import { isUsableIn, parseCidr, parseIpv4 } from './ipv4';

/** Number of virtual CPUs. */
export const Cpus = z.number().int().min(1).max(128);

/** Memory in MiB. */
export const MemoryMb = z.number().int().min(256).max(4_194_304).multipleOf(4, {
  error: 'must be a multiple of 4 (MiB), as vSphere asks',
});

/** Size of a disk in GiB. */
export const DiskGb = z.number().int().min(1).max(62_000);

/** The most further disks of a machine: what the controller of its first disk surely has room for. */
const MOST_DISKS = 12;
/** vSphere gives a machine ten network adapters at most. */
const MOST_NETWORKS = 9;

/** A disk besides those of the template. */
export const ExtraDisk = z.strictObject({
  sizeGb: DiskGb,
  datastore: z.string().min(1).max(255).optional().meta({
    description: 'Datastore: name or MoRef. Left out: where the machine is.',
  }),
  thin: z.boolean().default(true).meta({ description: 'Takes space only as the guest writes.' }),
});
export type ExtraDisk = z.infer<typeof ExtraDisk>;

/** The network of an adapter besides the first: always without a gateway, which a machine has one of. */
export const ExtraNetwork = z
  .strictObject({
    portGroup: z.string().min(1).max(255).meta({
      description: 'Network or distributed port group: name or MoRef.',
    }),
    cidr: z
      .string()
      .refine((text) => parseCidr(text) !== undefined, {
        error: 'must be a network such as 10.1.0.0/24, written with its first address',
      })
      .optional(),
    address: z
      .string()
      .refine((text) => parseIpv4(text) !== undefined, {
        error: 'must be an IPv4 address such as 10.1.0.20',
      })
      .optional()
      .meta({ description: 'Left out, with `cidr`: the adapter asks DHCP.' }),
  })
  .superRefine(({ cidr, address }, context) => {
    if ((cidr === undefined) !== (address === undefined)) {
      const path = [cidr === undefined ? 'cidr' : 'address'];
      const message = 'is missing; give both cidr and address, or neither for DHCP';
      context.addIssue({ code: 'custom', path, message });
    }
    const network = parseCidr(cidr ?? '');
    const parsed = parseIpv4(address ?? '');
    if (network && parsed !== undefined && !isUsableIn(network, parsed)) {
      const message = `${address} is outside its network: no host of ${cidr} can have it`;
      context.addIssue({ code: 'custom', path: ['address'], message });
    }
  });
export type ExtraNetwork = z.infer<typeof ExtraNetwork>;

export const ExtraDisks = z.array(ExtraDisk).max(MOST_DISKS).meta({
  description: 'Disks besides those of the template, in the order in which the guest finds them.',
});

export const ExtraNetworks = z.array(ExtraNetwork).max(MOST_NETWORKS).meta({
  description: 'Networks of the adapters after the first; adapters that are missing are added.',
});
