import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';
import { PROBLEM_CODE_LIST } from '../problems/problem-codes';
import { HostAddress, InventoryName } from './host-name';
import { OS_FAMILIES } from './os-family';

const when = z.iso.datetime();

/** How the last attempt to log in to a host went. */
export const HostContact = z.object({
  checkedAt: when,
  runId: z.uuid().nullable().meta({ description: 'The run that tried.' }),
  reachableSince: when.nullable().meta({ description: 'Null: it could not be logged in to.' }),
  failure: z
    .object({ code: z.enum(PROBLEM_CODE_LIST), message: z.string(), remedy: z.string() })
    .nullable(),
});
export type HostContact = z.infer<typeof HostContact>;

/** What is remembered of a host that has been archived: names, which may have gone since. */
export const HostArchive = z.object({
  at: when,
  by: z.string(),
  environment: z.string().nullable(),
  groups: z.array(z.string()),
  vcenter: z.string().nullable(),
  credential: z.string().nullable(),
});
export type HostArchive = z.infer<typeof HostArchive>;

/** A machine that we know. */
export const HostView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    address: z.string(),
    sshPort: z.number().int(),
    osFamily: z.enum(OS_FAMILIES),
    description: z.string(),
    hostKey: z.string().nullable().meta({
      description: 'The SSH host key that is pinned: type and base64. Null before first contact.',
    }),
    credentialId: z.uuid().nullable().meta({ description: 'Null: the host is archived.' }),
    environmentId: z.uuid().nullable(),
    groupIds: z.array(z.uuid()),
    vcenterId: z.uuid().nullable().meta({ description: 'Null: no machine of a vCenter is known.' }),
    vmMoRef: z.string().nullable(),
    vmInstanceUuid: z.uuid().nullable(),
    createdByRun: z.uuid().nullable().meta({
      description: 'The run that registered it; null: somebody entered it.',
    }),
    contact: HostContact.nullable().meta({ description: 'Null: nobody has tried to log in yet.' }),
    archived: HostArchive.nullable(),
    createdAt: when,
  })
  .meta({ id: 'Host' });
export type HostView = z.infer<typeof HostView>;

const groupIds = z
  .array(z.uuid())
  .max(50)
  .transform((ids) => [...new Set(ids)])
  .meta({ description: 'Groups of its environment.' });
const sshPort = z.number().int().min(1).max(65_535);
const description = z.string().max(2_000);

/** What `POST /hosts` takes: a machine that there is already. */
export const HostInput = z
  .strictObject({
    name: InventoryName,
    address: HostAddress,
    sshPort: sshPort.default(22),
    osFamily: z.enum(OS_FAMILIES),
    description: description.default(''),
    credentialId: z.uuid({ error: 'must be the id of a credential; GET /credentials lists them' }),
    environmentId: z.uuid().nullable().default(null),
    groupIds: groupIds.default([]),
  })
  .meta({ id: 'HostInput' });
export type HostInput = z.infer<typeof HostInput>;

/** What `PATCH /hosts/:id` takes: only what changes. A pinned host key stays. */
export const HostChange = z
  .strictObject({
    name: InventoryName,
    address: HostAddress,
    sshPort,
    osFamily: z.enum(OS_FAMILIES),
    description,
    credentialId: z.uuid(),
    environmentId: z.uuid().nullable(),
    groupIds,
  })
  .partial()
  .meta({ id: 'HostChange' });
export type HostChange = z.infer<typeof HostChange>;

/** Which hosts. What is left out does not narrow. */
export const HostFilter = z.strictObject({
  text: z.string().max(253).optional().meta({ description: 'Part of name or address, any case.' }),
  name: z.string().max(253).optional().meta({ description: 'Part of the name, any case.' }),
  environmentId: z.uuid().optional(),
  groupId: z.uuid().optional(),
  osFamily: z.enum(OS_FAMILIES).optional(),
  vcenterId: z.uuid().optional(),
  contact: z.enum(['reachable', 'unreachable', 'never']).optional().meta({
    description: 'How the last attempt to log in went.',
  }),
});
export type HostFilter = z.infer<typeof HostFilter>;

export const HostListQuery = PageQuery.extend(HostFilter.shape).extend({
  state: z.enum(['active', 'archived']).default('active'),
});
export type HostListQuery = z.infer<typeof HostListQuery>;

export const HostPage = pageOf(HostView).meta({ id: 'HostPage' });

/** Formats that Ansible reads an inventory in. */
export const HostInventoryQuery = HostFilter.extend({
  format: z.enum(['ini', 'yaml', 'json']).default('yaml'),
});
export type HostInventoryQuery = z.infer<typeof HostInventoryQuery>;
