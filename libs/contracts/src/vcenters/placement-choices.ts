import * as z from 'zod';

const count = z.number().int();
const moRef = z.string().min(1).max(200);

/** What a form has been told so far; both are MoRefs. */
export const ChoicesQuery = z.strictObject({
  datacenter: moRef.optional(),
  cluster: moRef.optional(),
});
export type ChoicesQuery = z.infer<typeof ChoicesQuery>;

const Choice = z.object({ moRef: z.string(), name: z.string(), path: z.string() });
const Reached = Choice.extend({
  hosts: count.meta({
    description: 'Hosts of the cluster that reach it and can run machines now.',
  }),
});

/** What a machine can be placed on, narrowed by what has been chosen already. */
export const PlacementChoices = z
  .object({
    datacenters: z.array(Choice),
    clusters: z
      .array(Choice.extend({ datacenter: z.string().nullable() }))
      .meta({ description: 'Of the datacenter, if one was chosen.' }),
    resourcePools: z
      .array(Choice.extend({ isRoot: z.boolean() }))
      .meta({ description: 'Of the cluster; none before one was chosen.' }),
    datastores: z
      .array(Reached.extend({ capacityBytes: count, freeBytes: count }))
      .meta({ description: 'That hosts of the cluster reach, the emptiest first.' }),
    networks: z
      .array(Reached.extend({ isDistributed: z.boolean() }))
      .meta({ description: 'That hosts of the cluster reach.' }),
    templates: z
      .array(
        Choice.extend({
          datacenter: z.string().nullable(),
          guestFullName: z.string(),
          cpus: count,
          memoryMb: count,
          diskBytes: count,
        }),
      )
      .meta({ description: 'Of the whole vCenter: they can be cloned to other datacenters.' }),
    folders: z
      .array(Choice.extend({ isRoot: z.boolean() }))
      .meta({ description: 'Of the datacenter, or that of the cluster.' }),
  })
  .meta({ id: 'PlacementChoices' });
export type PlacementChoices = z.infer<typeof PlacementChoices>;
