import { defineStep, pipeline, type StepContext } from '@diaken/pipeline';
import type { GitTree } from '../ports/git-source';
import type { FoundPlaybook, StoredProject } from '../ports/project-shelf';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { findPlaybooks } from './find-playbooks';

/** What a `sync-project` run is asked for. */
export interface ProjectSyncRequest {
  readonly projectId: string;
  readonly requestedBy: string;
}

/** What it gives. */
export interface ProjectSyncReport {
  readonly commit: string;
  readonly playbooks: readonly { readonly path: string; readonly verdict: string }[];
}

/** Fetches, checks and keeps in one step: files in between would have to survive on a worker's disk. */
const fetchProject = (tools: ProvisioningTools) =>
  defineStep<ProjectSyncRequest, ProjectSyncReport>({
    name: 'fetch-project',
    title: 'Fetch the project and check its playbooks',
    timeoutMs: 15 * 60_000,
    retry: { attempts: 4, delayMs: 3_000, backoff: 2 },
    run: async ({ projectId, requestedBy }, at) => {
      const project = await tools.projects.find(projectId);
      if (!project) {
        throw gone(projectId);
      }
      const tree = await tools.git.fetch(project, at.signal);
      tell(project, tree, at);
      const playbooks: FoundPlaybook[] = [];
      for (const path of findPlaybooks(tree.files)) {
        const verdict = await check(tools, tree, path, at.signal);
        at.log(`${path}: ${[verdict.verdict, verdict.message].filter(Boolean).join('. ')}`);
        playbooks.push({ path, verdict });
      }
      await tools.projects.store(projectId, tree, playbooks, requestedBy);
      const found = playbooks.map(({ path, verdict }) => ({ path, verdict: verdict.verdict }));
      return { commit: tree.commit, playbooks: found };
    },
  });

/** Brings the playbooks of a Git project into the library. */
export const syncProject = (tools: ProvisioningTools) =>
  pipeline<ProjectSyncRequest>('sync-project').step(fetchProject(tools)).build();

function check({ syntax }: ProvisioningTools, tree: GitTree, path: string, signal: AbortSignal) {
  const content = tree.files[path] ?? '';
  return syntax.check({ language: 'playbook', content, path, files: tree.files }, signal);
}

function tell(
  { url, ref }: StoredProject,
  { commit, files, leftOut }: GitTree,
  at: Pick<StepContext<object>, 'log'>,
): void {
  at.log(`${url} ${ref}: commit ${commit}, ${Object.keys(files).length} files.`);
  if (leftOut.length > 0) {
    const first = leftOut.slice(0, 20).join(', ');
    at.log(`Left out, being links, submodules or no text: ${leftOut.length}, such as ${first}.`);
  }
}

function gone(projectId: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'project-missing',
    cause: `The project ${projectId} is not there any more.`,
    remedy: 'Nothing needs to be done.',
  });
}
