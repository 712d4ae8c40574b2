import * as z from 'zod';
import { pageOf } from '../paging/page';

/** What `POST /playbooks` and `PUT /playbooks/:id` take. */
export const PlaybookInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    description: z.string().max(2_000).default(''),
    content: z
      .string()
      .min(1)
      .max(500_000)
      .meta({ description: 'The playbook itself: YAML, a list of plays.' }),
  })
  .meta({ id: 'PlaybookInput' });
export type PlaybookInput = z.infer<typeof PlaybookInput>;

export const PlaybookView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    content: z.string(),
    updatedAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Playbook' });
export type PlaybookView = z.infer<typeof PlaybookView>;

export const PlaybookPage = pageOf(PlaybookView.omit({ content: true })).meta({
  id: 'PlaybookPage',
});
