import type { LibraryKind } from '@diaken/contracts';
import type { LibraryItemEntity } from '@diaken/persistence';

/** What makes one noun of the library differ from the others. */
export interface LibraryNoun {
  readonly kind: LibraryKind;
  /** What people call one of them. */
  readonly called: string;
  /** Throws a refusal that names `content` when the text can be seen to be wrong without Ansible. */
  readonly refuseContent?: (content: string) => void;
  /** Whether a worker checks each version before it is used. */
  readonly isChecked: boolean;
  /** The name of the file that it is downloaded as. */
  readonly fileName: (item: Pick<LibraryItemEntity, 'name' | 'details'>) => string;
}

/** A name without what file systems and headers mistake. */
export function safeFileName(name: string, extension: string): string {
  return `${name.replace(/[^\w.-]+/g, '-')}.${extension}`;
}
