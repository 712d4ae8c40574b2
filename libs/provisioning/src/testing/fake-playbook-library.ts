import { type LibraryPlaybook, PlaybookLibrary } from '../ports/playbook-library';
import { Calls } from './calls';
import { finalFailure } from './failures';

/** Playbooks in memory. */
export class FakePlaybookLibrary extends PlaybookLibrary {
  readonly calls = new Calls<keyof PlaybookLibrary>();
  /** What every playbook finds around itself. */
  readonly files: Record<string, string> = {};
  private readonly playbooks = new Map<string, LibraryPlaybook>();

  /** Puts a playbook there, or a new version of it; answers its id, which is its name. */
  add(name: string, content = '- hosts: all'): string {
    const version = (this.playbooks.get(name)?.version ?? 0) + 1;
    this.playbooks.set(name, { name, content, version, origin: null });
    return name;
  }

  remove(playbookId: string): void {
    this.playbooks.delete(playbookId);
  }

  override read(playbookId: string): Promise<LibraryPlaybook> {
    return this.calls.answer('read', () => {
      const playbook = this.playbooks.get(playbookId);
      if (!playbook) {
        throw finalFailure('playbook-missing', `The playbook ${playbookId} is gone.`);
      }
      return playbook;
    });
  }

  override filesFor(): Promise<Readonly<Record<string, string>>> {
    return this.calls.answer('filesFor', () => this.files);
  }
}
