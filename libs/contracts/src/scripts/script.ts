import * as z from 'zod';
import { libraryContent, libraryFacts, LibraryRow, libraryText } from '../library/library-item';
import { pageOf } from '../paging/page';

/** What scripts are written in: the shell of Linux guests, and PowerShell. */
export const SCRIPT_LANGUAGES = ['sh', 'ps1'] as const;
export type ScriptLanguage = (typeof SCRIPT_LANGUAGES)[number];

const language = z.enum(SCRIPT_LANGUAGES);

/** What `POST /scripts` and `PUT /scripts/:id` take. */
export const ScriptInput = z
  .strictObject({ ...libraryFacts, language, content: libraryText('The script itself.') })
  .meta({ id: 'ScriptInput' });
export type ScriptInput = z.infer<typeof ScriptInput>;

export const ScriptView = LibraryRow.extend({ language, ...libraryContent }).meta({ id: 'Script' });
export type ScriptView = z.infer<typeof ScriptView>;

export const ScriptPage = pageOf(ScriptView.omit({ content: true })).meta({ id: 'ScriptPage' });
