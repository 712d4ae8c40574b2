import * as z from 'zod';
import { pageOf } from '../paging/page';

/** What `POST /environments` takes. */
export const EnvironmentInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    description: z.string().max(2_000).default(''),
  })
  .meta({ id: 'EnvironmentInput' });
export type EnvironmentInput = z.infer<typeof EnvironmentInput>;

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
