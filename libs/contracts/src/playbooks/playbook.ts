import * as z from 'zod';
import { libraryContent, libraryFacts, LibraryRow, libraryText } from '../library/library-item';
import { pageOf } from '../paging/page';

/** Which guests a playbook is for; `any`: it finds out by itself. */
export const PLAYBOOK_FAMILIES = ['any', 'debian', 'redhat', 'windows'] as const;

/** What a playbook acts on: one host at a time, several that belong together, or either. */
export const PLAYBOOK_TARGETS = ['any', 'host', 'group'] as const;

const details = {
  osFamily: z.enum(PLAYBOOK_FAMILIES),
  targetType: z.enum(PLAYBOOK_TARGETS),
};

/** What `POST /playbooks` and `PUT /playbooks/:id` take. */
export const PlaybookInput = z
  .strictObject({
    ...libraryFacts,
    osFamily: details.osFamily.default('any'),
    targetType: details.targetType.default('any'),
    content: libraryText('The playbook itself: YAML, a list of plays.'),
  })
  .meta({ id: 'PlaybookInput' });
export type PlaybookInput = z.infer<typeof PlaybookInput>;

export const PlaybookView = LibraryRow.extend({ ...details, ...libraryContent }).meta({
  id: 'Playbook',
});
export type PlaybookView = z.infer<typeof PlaybookView>;

export const PlaybookPage = pageOf(PlaybookView.omit({ content: true })).meta({
  id: 'PlaybookPage',
});
