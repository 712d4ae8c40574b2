import * as z from 'zod';
import { HostInput } from './host';

/** What `POST /hosts/adopt` takes: a virtual machine that there is, and how to log in to it. */
export const AdoptionRequest = HostInput.extend({
  vcenterId: z.uuid({ error: 'must be the id of a vCenter; GET /vcenters lists them' }),
  machine: z.string().min(1).max(255).meta({
    description:
      'The virtual machine: its instance UUID, its MoRef, or its name where that does not repeat.',
  }),
  name: HostInput.shape.name.optional().meta({
    description: 'Left out: what the guest calls itself, else the name of the virtual machine.',
  }),
  address: HostInput.shape.address.optional().meta({
    description: 'Left out: the one that VMware Tools report, if it is one.',
  }),
}).meta({ id: 'AdoptionRequest' });
export type AdoptionRequest = z.infer<typeof AdoptionRequest>;

/** What an `adopt-vm` run is asked for: the client's request, and what was found for it. */
export interface MachineAdoption extends HostInput {
  readonly vcenterId: string;
  readonly machine: string;
  readonly instanceUuid: string;
}
