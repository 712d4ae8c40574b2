import type { SyntaxVerdict, TextToCheck } from './syntax-checker';

/** A version of something in the library. */
export interface VersionRef {
  readonly itemId: string;
  readonly number: number;
}

/** The texts of the library that are to be checked. */
export abstract class LibraryChecks {
  /** The text of a version; undefined when it is not there any more. */
  abstract find(version: VersionRef): Promise<TextToCheck | undefined>;

  /** Keeps a verdict. The newest version that may be used is the one in use from then on. */
  abstract store(version: VersionRef, verdict: SyntaxVerdict): Promise<void>;
}
