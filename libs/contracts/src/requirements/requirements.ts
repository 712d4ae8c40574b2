import * as z from 'zod';
import { libraryContent, libraryFacts, LibraryRow, libraryText } from '../library/library-item';
import { pageOf } from '../paging/page';

/** What `POST /requirements` and `PUT /requirements/:id` take. */
export const RequirementsInput = z
  .strictObject({
    ...libraryFacts,
    content: libraryText('Roles and collections, as ansible-galaxy reads them (requirements.yml).'),
  })
  .meta({ id: 'RequirementsInput' });
export type RequirementsInput = z.infer<typeof RequirementsInput>;

export const RequirementsView = LibraryRow.extend(libraryContent).meta({ id: 'Requirements' });
export type RequirementsView = z.infer<typeof RequirementsView>;

export const RequirementsPage = pageOf(RequirementsView.omit({ content: true })).meta({
  id: 'RequirementsPage',
});
