import { type GitRepository, GitSource, type GitTree } from '../ports/git-source';
import { Calls } from './calls';

/** A Git server with one commit. */
export class FakeGitSource extends GitSource {
  readonly calls = new Calls<keyof GitSource>();
  readonly asked: GitRepository[] = [];
  tree: GitTree = { commit: 'c0ffee', files: {}, leftOut: [], hostKey: null };

  override fetch(repository: GitRepository): Promise<GitTree> {
    return this.calls.answer('fetch', () => {
      this.asked.push(repository);
      return this.tree;
    });
  }
}
