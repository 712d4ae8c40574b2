/** A playbook as it is run. */
export interface LibraryPlaybook {
  readonly name: string;
  readonly content: string;
  /** Which of its versions this is. */
  readonly version: number;
}

/** The playbooks that users wrote, and the file templates that these use. */
export abstract class PlaybookLibrary {
  /**
   * The version in use. While a newer one is being checked, this waits for the verdict.
   * Throws `playbook-missing`; `playbook-refused` and `playbook-not-checked` when no version may be used.
   */
  abstract read(playbookId: string, signal: AbortSignal): Promise<LibraryPlaybook>;

  /** Every file template in use: its text by its name. */
  abstract templates(): Promise<Readonly<Record<string, string>>>;
}
