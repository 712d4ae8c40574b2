import type { GitTree } from '../ports/git-source';
import { type FoundPlaybook, ProjectShelf, type StoredProject } from '../ports/project-shelf';
import { Calls } from './calls';

/** Projects in memory. */
export class FakeProjectShelf extends ProjectShelf {
  readonly calls = new Calls<keyof ProjectShelf>();
  readonly kept = new Map<string, { tree: GitTree; playbooks: readonly FoundPlaybook[] }>();
  private readonly projects = new Map<string, StoredProject>();

  add(projectId: string, project: StoredProject): void {
    this.projects.set(projectId, project);
  }

  override find(projectId: string): Promise<StoredProject | undefined> {
    return this.calls.answer('find', () => this.projects.get(projectId));
  }

  override store(
    projectId: string,
    tree: GitTree,
    playbooks: readonly FoundPlaybook[],
  ): Promise<void> {
    return this.calls.answer('store', () => void this.kept.set(projectId, { tree, playbooks }));
  }
}
