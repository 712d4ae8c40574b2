import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';

/** Kinds of vCenter objects that our inventory keeps. */
export const INVENTORY_KINDS = [
  'datacenter',
  'cluster',
  'resource-pool',
  'datastore',
  'network',
  'folder',
  'template',
] as const;
export type InventoryKind = (typeof INVENTORY_KINDS)[number];

/** One object of a vCenter, as last read. */
export const InventoryObject = z
  .object({
    kind: z.enum(INVENTORY_KINDS),
    moRef: z.string(),
    name: z.string(),
    path: z.string().meta({ description: 'Its folders and name from the root, with slashes.' }),
    datacenter: z.string().nullable().meta({ description: 'MoRef of the datacenter it is in.' }),
    parent: z.string().nullable().meta({ description: 'MoRef of what holds it.' }),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'InventoryObject' });
export type InventoryObject = z.infer<typeof InventoryObject>;

export const InventoryQuery = PageQuery.extend({
  kind: z.enum(INVENTORY_KINDS).optional(),
  name: z.string().max(255).optional().meta({ description: 'Part of the name, any case.' }),
});
export type InventoryQuery = z.infer<typeof InventoryQuery>;

export const InventoryPage = pageOf(InventoryObject).meta({ id: 'InventoryPage' });
