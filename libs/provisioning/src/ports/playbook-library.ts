/** The playbooks that users wrote. */
export abstract class PlaybookLibrary {
  /** Throws `playbook-missing`. */
  abstract read(playbookId: string): Promise<{ readonly name: string; readonly content: string }>;
}
