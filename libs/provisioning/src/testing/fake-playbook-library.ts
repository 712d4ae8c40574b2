import { PlaybookLibrary } from '../ports/playbook-library';
import { Calls } from './calls';
import { finalFailure } from './failures';

/** Playbooks in memory. */
export class FakePlaybookLibrary extends PlaybookLibrary {
  readonly calls = new Calls<keyof PlaybookLibrary>();
  private readonly playbooks = new Map<string, { name: string; content: string }>();

  /** Puts a playbook there; answers its id, which is its name. */
  add(name: string, content = '- hosts: all'): string {
    this.playbooks.set(name, { name, content });
    return name;
  }

  remove(playbookId: string): void {
    this.playbooks.delete(playbookId);
  }

  override read(playbookId: string): Promise<{ readonly name: string; readonly content: string }> {
    return this.calls.answer('read', () => {
      const playbook = this.playbooks.get(playbookId);
      if (!playbook) {
        throw finalFailure('playbook-missing', `The playbook ${playbookId} is gone.`);
      }
      return playbook;
    });
  }
}
