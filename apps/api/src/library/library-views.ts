import type { LibraryRow, LibraryVersion, LibraryVersionText } from '@diaken/contracts';
import type { LibraryVersionEntity, ShelvedItem } from '@diaken/persistence';

/** An item without its text. */
export function toLibraryRow({ item, latest }: ShelvedItem): LibraryRow {
  const { id, name, description, current, projectId, path, createdAt, updatedAt } = item;
  return {
    ...{ id, name, description, current },
    project: projectId !== null && path !== null ? { id: projectId, path } : null,
    latest: toLibraryVersion(latest),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** A version without its text. */
export function toLibraryVersion(version: LibraryVersionEntity): LibraryVersion {
  const { number, author, note, createdAt, state, message, line, commit, checkRunId } = version;
  return {
    ...{ number, author, note, createdAt: createdAt.toISOString() },
    ...{ state, message, line, commit, checkRunId },
  };
}

/** A version with its text. */
export function toLibraryVersionText(version: LibraryVersionEntity): LibraryVersionText {
  return { ...toLibraryVersion(version), content: version.content };
}
