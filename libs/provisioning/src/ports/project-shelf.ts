import type { GitRepository, GitTree } from './git-source';
import type { SyntaxVerdict } from './syntax-checker';

/** A project whose playbooks are in the library. */
export interface StoredProject extends GitRepository {
  readonly name: string;
}

/** A playbook that was found in a project. */
export interface FoundPlaybook {
  /** Its path in the project. */
  readonly path: string;
  readonly verdict: SyntaxVerdict;
}

/** Keeps projects, and what was last fetched of them. */
export abstract class ProjectShelf {
  /** Undefined when it is not there any more. */
  abstract find(projectId: string): Promise<StoredProject | undefined>;

  /**
   * Keeps the files of a commit and the playbooks in it: each is a version of its own playbook of the library. Playbooks
   * that the commit does not have any more go. Storing the same commit again makes no new versions.
   */
  abstract store(
    projectId: string,
    tree: GitTree,
    playbooks: readonly FoundPlaybook[],
    author: string,
  ): Promise<void>;
}
