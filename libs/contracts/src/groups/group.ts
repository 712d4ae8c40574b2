import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';

const name = z
  .string()
  .trim()
  .regex(/^[A-Za-z_][\w-]{0,99}$/, {
    error: 'must begin with a letter and have letters, digits, - and _ only, 100 at most',
  });
const description = z.string().max(2_000);

/** What `POST /groups` takes. */
export const GroupInput = z
  .strictObject({ environmentId: z.uuid(), name, description: description.default('') })
  .meta({ id: 'GroupInput' });
export type GroupInput = z.infer<typeof GroupInput>;

/** What `PATCH /groups/:id` takes: only what changes. A group stays in its environment. */
export const GroupChange = z
  .strictObject({ name, description })
  .partial()
  .meta({ id: 'GroupChange' });
export type GroupChange = z.infer<typeof GroupChange>;

/** Hosts of one environment that belong together: web servers, databases. */
export const GroupView = z
  .object({
    id: z.uuid(),
    environmentId: z.uuid(),
    name: z.string(),
    description: z.string(),
    hosts: z.number().int().meta({ description: 'How many hosts are in it.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Group' });
export type GroupView = z.infer<typeof GroupView>;

export const GroupListQuery = PageQuery.extend({
  environmentId: z.uuid().optional(),
  name: z.string().max(100).optional().meta({ description: 'Part of the name, any case.' }),
});
export type GroupListQuery = z.infer<typeof GroupListQuery>;

export const GroupPage = pageOf(GroupView).meta({ id: 'GroupPage' });
