import * as z from 'zod';
import { libraryContent, libraryFacts, LibraryRow, libraryText } from '../library/library-item';
import { pageOf } from '../paging/page';

/** What `POST /file-templates` and `PUT /file-templates/:id` take. */
export const FileTemplateInput = z
  .strictObject({
    ...libraryFacts,
    name: z
      .string()
      .max(100)
      .regex(/^[A-Za-z0-9_][\w.-]*\.j2$/, {
        error: 'must be a file name of letters, digits, _ . and - that ends with .j2',
      })
      .meta({ description: 'What playbooks call it: template: {src: motd.j2, …}.' }),
    content: libraryText('The Jinja2 template itself.'),
  })
  .meta({ id: 'FileTemplateInput' });
export type FileTemplateInput = z.infer<typeof FileTemplateInput>;

export const FileTemplateView = LibraryRow.extend(libraryContent).meta({ id: 'FileTemplate' });
export type FileTemplateView = z.infer<typeof FileTemplateView>;

export const FileTemplatePage = pageOf(FileTemplateView.omit({ content: true })).meta({
  id: 'FileTemplatePage',
});
