import * as z from 'zod';
import { PageQuery, pageOf } from '../paging/page';

const name = z.string().trim().min(1).max(100);
const description = z.string().max(2_000);

/** What `POST /environments` takes. */
export const EnvironmentInput = z
  .strictObject({ name, description: description.default('') })
  .meta({ id: 'EnvironmentInput' });
export type EnvironmentInput = z.infer<typeof EnvironmentInput>;

/** What `PATCH /environments/:id` takes: only what changes. */
export const EnvironmentChange = z
  .strictObject({ name, description })
  .partial()
  .meta({ id: 'EnvironmentChange' });
export type EnvironmentChange = z.infer<typeof EnvironmentChange>;

export const EnvironmentListQuery = PageQuery.extend({
  name: z.string().max(100).optional().meta({ description: 'Part of the name, any case.' }),
});
export type EnvironmentListQuery = z.infer<typeof EnvironmentListQuery>;

export const EnvironmentView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Environment' });
export type EnvironmentView = z.infer<typeof EnvironmentView>;

export const EnvironmentPage = pageOf(EnvironmentView).meta({ id: 'EnvironmentPage' });
