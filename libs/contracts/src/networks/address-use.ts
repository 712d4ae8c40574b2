import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';
import { Holder } from '../problems/problem';

/** What can be said of an address of a network profile. */
export const ADDRESS_STATES = ['free', 'reserved', 'host', 'seen', 'excluded'] as const;
export type AddressState = (typeof ADDRESS_STATES)[number];

/** One address of a network profile. */
export const PoolAddress = z
  .object({
    address: z.string(),
    state: z.enum(ADDRESS_STATES).meta({
      description:
        '`reserved`: for a run, `host`: a host has it, `seen`: a machine in vCenter reports it, `excluded`: no machine gets it, `free`: none of these.',
    }),
    holder: Holder.nullable(),
    machine: z
      .object({ vcenterId: z.uuid(), moRef: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'The machine whose guest reports it, as last read.' }),
  })
  .meta({ id: 'PoolAddress' });
export type PoolAddress = z.infer<typeof PoolAddress>;

/** The addresses of a network profile: a page of them, and how many there are of each state. */
export const AddressUse = pageOf(PoolAddress)
  .extend({
    counts: z.object({
      free: z.number().int(),
      reserved: z.number().int(),
      host: z.number().int(),
      seen: z.number().int(),
      excluded: z.number().int(),
    }),
  })
  .meta({ id: 'AddressUse' });
export type AddressUse = z.infer<typeof AddressUse>;

export const AddressUseQuery = PageQuery.extend({
  state: z.enum(ADDRESS_STATES).optional().meta({
    description: 'Only these. The first free one is what the next machine gets.',
  }),
});
export type AddressUseQuery = z.infer<typeof AddressUseQuery>;
