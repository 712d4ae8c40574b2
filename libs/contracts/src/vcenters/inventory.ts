import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';

/** Kinds of vCenter objects that our inventory keeps. */
export const INVENTORY_KINDS = [
  'datacenter',
  'cluster',
  'host',
  'resource-pool',
  'datastore',
  'network',
  'folder',
  'template',
  'vm',
] as const;
export type InventoryKind = (typeof INVENTORY_KINDS)[number];

/** One object of a vCenter, as last read. Its type and reference identify it there; names repeat. */
export const InventoryObject = z
  .object({
    kind: z.enum(INVENTORY_KINDS),
    moType: z.string().meta({ description: 'Type of its reference, such as VirtualMachine.' }),
    moRef: z.string(),
    name: z.string(),
    path: z.string().meta({ description: 'Its folders and name from the root, with slashes.' }),
    datacenter: z.string().nullable().meta({ description: 'MoRef of the datacenter it is in.' }),
    parent: z.string().nullable().meta({ description: 'MoRef of what holds it.' }),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'InventoryObject' });
export type InventoryObject = z.infer<typeof InventoryObject>;

/** An object as the API shows it. */
export const InventoryItem = InventoryObject.extend({
  revision: z
    .number()
    .int()
    .meta({ description: 'The revision of the inventory in which it last changed.' }),
  isGone: z
    .boolean()
    .meta({ description: 'It was there before; only ever true with changedSince.' }),
}).meta({ id: 'InventoryItem' });
export type InventoryItem = z.infer<typeof InventoryItem>;

/** What the inventory tells of a machine, and of a template: the `details` of the kinds `vm` and `template`. */
export interface MachineDetails {
  /** In lower case; null while vCenter cannot read the machine's configuration. */
  readonly instanceUuid: string | null;
  /** What the guest reads as its DMI product UUID, in lower case. */
  readonly biosUuid: string | null;
  readonly power: 'on' | 'off' | 'suspended';
  readonly guestFullName: string;
  readonly toolsRunning: boolean;
  /** What the guest calls itself; null before VMware Tools report. */
  readonly guestHostName: string | null;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly diskBytes: number;
  /** MoRef of the ESXi host that it runs on. */
  readonly host: string | null;
  /** All addresses that the guest reports on its virtual adapters, link-local ones left out. */
  readonly addresses: readonly string[];
  /** All hardware addresses, lower case with colons. */
  readonly macs: readonly string[];
  readonly adapters: readonly MachineAdapter[];
}

/** A virtual network adapter of a machine. */
export interface MachineAdapter {
  /** Lower case with colons. */
  readonly mac: string;
  /** MoRef of the network or distributed port group that it is connected to. */
  readonly network: string | null;
  readonly addresses: readonly string[];
}

export const InventoryQuery = PageQuery.extend({
  kind: z.enum(INVENTORY_KINDS).optional(),
  name: z.string().max(255).optional().meta({ description: 'Part of the name, any case.' }),
  changedSince: z.coerce.number().int().min(0).optional().meta({
    description:
      'Only what has changed or gone after this revision, in the order of revisions. Take `revision` of the first page for the next time.',
  }),
});
export type InventoryQuery = z.infer<typeof InventoryQuery>;

export const InventoryPage = pageOf(InventoryItem)
  .extend({
    revision: z
      .number()
      .int()
      .meta({ description: 'Grows with every change. All up to it is in the answer.' }),
  })
  .meta({ id: 'InventoryPage' });
export type InventoryPage = z.infer<typeof InventoryPage>;
