import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';
import { OS_FAMILIES } from '../deployments/deployment-request';

/** A machine that we know and can reach. */
export const HostView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    address: z.string(),
    sshPort: z.number().int(),
    osFamily: z.enum(OS_FAMILIES),
    hostKey: z.string().meta({ description: 'The SSH host key that is pinned: type and base64.' }),
    credentialId: z.uuid(),
    environmentId: z.uuid().nullable(),
    vcenterId: z.uuid(),
    vmMoRef: z.string(),
    vmInstanceUuid: z.uuid(),
    createdByRun: z.uuid(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Host' });
export type HostView = z.infer<typeof HostView>;

export const HostListQuery = PageQuery.extend({
  name: z.string().max(253).optional().meta({ description: 'Part of the name, any case.' }),
});
export type HostListQuery = z.infer<typeof HostListQuery>;

export const HostPage = pageOf(HostView).meta({ id: 'HostPage' });
