import * as z from 'zod';
import { pageOf } from '../paging/page';
import { PERMISSIONS } from '../session/permissions';

/** What `POST /tokens` takes. A token never may more than its owner. */
export const ApiTokenInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z
      .array(z.enum(PERMISSIONS))
      .min(1)
      .optional()
      .meta({ description: 'What it may do; left out: all that its owner may.' }),
    expiresInDays: z.number().int().min(1).max(730).default(90),
  })
  .meta({ id: 'ApiTokenInput' });
export type ApiTokenInput = z.infer<typeof ApiTokenInput>;

export const ApiTokenView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(z.enum(PERMISSIONS)).nullable(),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ApiToken' });
export type ApiTokenView = z.infer<typeof ApiTokenView>;

/** The only answer that ever carries the token itself. */
export const ApiTokenCreated = ApiTokenView.extend({ token: z.string() }).meta({
  id: 'ApiTokenCreated',
});
export type ApiTokenCreated = z.infer<typeof ApiTokenCreated>;

export const ApiTokenPage = pageOf(ApiTokenView).meta({ id: 'ApiTokenPage' });
