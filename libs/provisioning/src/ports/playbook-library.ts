/** A playbook as it is run. */
export interface LibraryPlaybook {
  readonly name: string;
  readonly content: string;
  /** Which of its versions this is. */
  readonly version: number;
  /** Where it comes from, when that is a Git project. */
  readonly origin: PlaybookOrigin | null;
}

/** A file of a Git project. */
export interface PlaybookOrigin {
  readonly projectId: string;
  readonly path: string;
  readonly commit: string;
}

/** The playbooks that users wrote, and the file templates that these use. */
export abstract class PlaybookLibrary {
  /**
   * The version in use. While a newer one is being checked, this waits for the verdict.
   * Throws `playbook-missing`; `playbook-refused` and `playbook-not-checked` when no version may be used.
   */
  abstract read(playbookId: string, signal: AbortSignal): Promise<LibraryPlaybook>;

  /**
   * What a playbook finds around itself: texts by their paths. For one of a project that is the project, for any other
   * the file templates in use, in `templates/`.
   */
  abstract filesFor(playbook: LibraryPlaybook): Promise<Readonly<Record<string, string>>>;
}
