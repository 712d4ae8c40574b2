import * as z from 'zod';
import { pageOf, PageQuery } from '../paging/page';

/** How a check of a version ends. `unchecked`: the worker has nothing to check it with. */
export const CHECK_VERDICTS = ['ok', 'unchecked', 'refused'] as const;
export type CheckVerdict = (typeof CHECK_VERDICTS)[number];

/** What is known of a version’s syntax: nothing yet, or how its last check ended. */
export const CHECK_STATES = ['checking', ...CHECK_VERDICTS] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** States of versions that may be used. */
export const USABLE_STATES = ['ok', 'unchecked'] as const satisfies readonly CheckState[];

const when = z.iso.datetime();

/** The number of a version: 1, 2, 3 … within its item. */
export const VersionNumber = z.coerce.number().int().min(1).max(2_147_483_647);

/** What an author writes down about a version. */
export const VersionNote = z
  .string()
  .max(500)
  .meta({ description: 'What is new in this version, for whoever reads the list of versions.' });

/** A version without its text. */
export const LibraryVersion = z
  .object({
    number: z.number().int(),
    author: z.string(),
    note: z.string(),
    createdAt: when,
    state: z.enum(CHECK_STATES).meta({
      description: 'ok and unchecked versions are used; a refused one never is.',
    }),
    message: z
      .string()
      .nullable()
      .meta({ description: 'What the check said, where it complained.' }),
    line: z.number().int().nullable().meta({ description: 'The line that it complained about.' }),
    commit: z.string().nullable().meta({ description: 'Of its Git project, where it has one.' }),
    checkRunId: z.uuid().nullable().meta({ description: 'The run that checks it.' }),
  })
  .meta({ id: 'LibraryVersion' });
export type LibraryVersion = z.infer<typeof LibraryVersion>;

/** A version with its text. */
export const LibraryVersionText = LibraryVersion.extend({ content: z.string() }).meta({
  id: 'LibraryVersionText',
});
export type LibraryVersionText = z.infer<typeof LibraryVersionText>;

export const LibraryVersionPage = pageOf(LibraryVersion).meta({ id: 'LibraryVersionPage' });

/** Which versions to list, the newest first. */
export const LibraryVersionQuery = PageQuery.extend({
  cursor: VersionNumber.optional().meta({
    description: 'The `next` of the answer before; leave it out for the first page.',
  }),
});
export type LibraryVersionQuery = z.infer<typeof LibraryVersionQuery>;

/** What to compare a version with. */
export const DiffQuery = z.strictObject({
  from: VersionNumber.optional().meta({
    description: 'The version to compare with. Left out: the one before; the first one: nothing.',
  }),
});
export type DiffQuery = z.infer<typeof DiffQuery>;

/** What differs between two versions. */
export const LibraryDiff = z
  .object({
    from: z.number().int().nullable(),
    to: z.number().int(),
    added: z.number().int().meta({ description: 'Lines.' }),
    removed: z.number().int().meta({ description: 'Lines.' }),
    unified: z.string().meta({ description: 'A unified diff with three lines of context.' }),
  })
  .meta({ id: 'LibraryDiff' });
export type LibraryDiff = z.infer<typeof LibraryDiff>;

/** What `POST …/versions/:number/restore` takes. */
export const RestoreRequest = z
  .strictObject({ note: VersionNote.optional() })
  .meta({ id: 'RestoreRequest' });
export type RestoreRequest = z.infer<typeof RestoreRequest>;
