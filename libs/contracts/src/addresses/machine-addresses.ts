import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';

/** A machine of a vCenter with its network adapters, as the inventory knows them. */
export const MachineAddresses = z
  .object({
    vcenterId: z.uuid(),
    moRef: z.string(),
    name: z.string(),
    power: z.enum(['on', 'off', 'suspended']),
    guestHostName: z.string().nullable().meta({
      description: 'What the guest calls itself; null before VMware Tools report.',
    }),
    adapters: z.array(
      z.object({
        mac: z.string().meta({ description: 'Lower case, with colons.' }),
        network: z.object({ moRef: z.string(), name: z.string() }).nullable(),
        addresses: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'MachineAddresses' });
export type MachineAddresses = z.infer<typeof MachineAddresses>;

export const MachineAddressesPage = pageOf(MachineAddresses).meta({ id: 'MachineAddressesPage' });

/** Which machines `GET /addresses` and `GET /addresses/csv` mean. */
export const AddressFilter = z.strictObject({
  vcenterId: z.uuid().optional(),
  search: z.string().trim().min(1).max(255).optional().meta({
    description:
      'An address, or how it begins; a MAC, or a part of it, with any separators; or a part of the name of the machine or of its guest, any case.',
  }),
  network: z.string().min(1).max(255).optional().meta({
    description: 'Network or port group that an adapter is connected to: name or MoRef.',
  }),
});
export type AddressFilter = z.infer<typeof AddressFilter>;

export const AddressQuery = PageQuery.extend(AddressFilter.shape);
export type AddressQuery = z.infer<typeof AddressQuery>;
