import * as z from 'zod';
import { LibraryVersion, VersionNote, VersionNumber } from './library-version';

/** What the library keeps. Stored, so never renamed. */
export const LIBRARY_KINDS = ['playbook', 'script', 'file-template', 'requirements'] as const;
export type LibraryKind = (typeof LIBRARY_KINDS)[number];

/** The longest text of a version, characters. */
const LONGEST_TEXT = 500_000;

export const LibraryName = z.string().trim().min(1).max(100);

/** What every kind takes besides its text. */
export const libraryFacts = {
  name: LibraryName,
  description: z.string().max(2_000).default(''),
  note: VersionNote.default(''),
};

/** The text of an item. */
export const libraryText = (what: string) =>
  z.string().min(1).max(LONGEST_TEXT).meta({ description: what });

/** An item without its text, as every kind shows it. */
export const LibraryRow = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  current: z.number().int().nullable().meta({
    description: 'The version in use: the newest one that was not refused. null: none yet.',
  }),
  project: z
    .object({ id: z.uuid(), path: z.string() })
    .nullable()
    .meta({ description: 'The Git project that it comes from; it is changed only there.' }),
  latest: LibraryVersion.meta({ description: 'The newest version.' }),
  updatedAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
});
export type LibraryRow = z.infer<typeof LibraryRow>;

/** What the newest version says. */
export const libraryContent = {
  content: z.string().meta({ description: 'The text of the newest version.' }),
};

/** What an upload of a new text says besides it. */
export const UploadQuery = z.strictObject({ note: VersionNote.default('') });
export type UploadQuery = z.infer<typeof UploadQuery>;

/** Which version to download. */
export const DownloadQuery = z.strictObject({
  version: VersionNumber.optional().meta({ description: 'Left out: the newest one.' }),
});
export type DownloadQuery = z.infer<typeof DownloadQuery>;
