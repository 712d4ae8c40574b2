import { randomUUID } from 'node:crypto';
import { USABLE_STATES } from '@diaken/contracts';
import {
  type FoundPlaybook,
  type GitTree,
  ProjectShelf,
  type StoredProject,
} from '@diaken/provisioning';
import { type DataSource, type EntityManager, In, Not } from 'typeorm';
import { LibraryItemEntity, LibraryVersionEntity } from '../entities/library.entity';
import { ProjectEntity, ProjectTreeEntity } from '../entities/project.entity';

/** Details of a playbook that nobody has described. */
const DETAILS = { osFamily: 'any', targetType: 'any' };

/** What a version comes from. */
interface Source {
  readonly project: ProjectEntity;
  readonly tree: GitTree;
  readonly author: string;
}

/** Projects and what was fetched of them in PostgreSQL. */
export class PostgresProjectShelf extends ProjectShelf {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async find(projectId: string): Promise<StoredProject | undefined> {
    const project = await this.database.manager.findOneBy(ProjectEntity, { id: projectId });
    if (!project) {
      return undefined;
    }
    const { name, url, ref, credentialId, caPem, hostKey } = project;
    return { name, url, ref, credentialId, caPem, hostKey };
  }

  override async store(
    projectId: string,
    tree: GitTree,
    playbooks: readonly FoundPlaybook[],
    author: string,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      // Syncs of one project come one after the other.
      const project = await manager.findOne(ProjectEntity, {
        where: { id: projectId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!project) {
        return;
      }
      const { commit, files } = tree;
      await manager.upsert(ProjectTreeEntity, { projectId, commit, files } as never, [
        ...['projectId', 'commit'],
      ]);
      const paths = playbooks.map(({ path }) => path);
      await manager.delete(LibraryItemEntity, { projectId, path: Not(In(paths)) });
      for (const playbook of playbooks) {
        await storePlaybook(manager, { project, tree, author }, playbook);
      }
      const hostKey = project.hostKey ?? tree.hostKey;
      await manager.update(ProjectEntity, { id: projectId }, pinned(commit, hostKey));
      await forgetTrees(manager, projectId);
    });
  }
}

function pinned(commit: string, hostKey: string | null) {
  return { commit, hostKey, syncedAt: new Date() };
}

/** Adds a version, or keeps a new verdict on the one of this commit. */
async function storePlaybook(
  manager: EntityManager,
  { project, tree, author }: Source,
  { path, verdict }: FoundPlaybook,
): Promise<void> {
  const item = await itemFor(manager, project, path);
  const newest = await manager.findOneBy(LibraryVersionEntity, {
    ...{ itemId: item.id, number: item.latest },
  });
  const found = { state: verdict.verdict, message: verdict.message, line: verdict.line };
  const isKnown = newest?.commit === tree.commit;
  const number = isKnown ? item.latest : item.latest + 1;
  if (isKnown) {
    await manager.update(LibraryVersionEntity, { itemId: item.id, number }, found);
  } else {
    await manager.insert(LibraryVersionEntity, {
      ...{ itemId: item.id, number, content: tree.files[path] ?? '', author, note: '' },
      ...{ createdAt: new Date(), commit: tree.commit, checkRunId: null, ...found },
    });
  }
  await manager.query(
    `UPDATE library_item SET latest = $2, updated_at = now(), current =
       (SELECT max(number) FROM library_version WHERE item_id = id AND state = ANY($3))
     WHERE id = $1`,
    [item.id, number, USABLE_STATES],
  );
}

async function itemFor(
  manager: EntityManager,
  { id: projectId, name, url }: ProjectEntity,
  path: string,
): Promise<LibraryItemEntity> {
  const known = await manager.findOneBy(LibraryItemEntity, { projectId, path });
  if (known) {
    return known;
  }
  const now = new Date();
  const item = manager.create(LibraryItemEntity, {
    ...{ id: randomUUID(), kind: 'playbook', name: `${name}: ${path}`, description: url },
    ...{ details: DETAILS, current: null, latest: 0, projectId, path },
    ...{ createdAt: now, updatedAt: now },
  } as const);
  await manager.insert(LibraryItemEntity, item as never);
  return item;
}

/** Keeps the files of versions that are in use, or are the newest. */
async function forgetTrees(manager: EntityManager, projectId: string): Promise<void> {
  await manager.query(
    `DELETE FROM project_tree WHERE project_id = $1 AND commit NOT IN (
       SELECT version.commit FROM library_item AS item
       JOIN library_version AS version ON version.item_id = item.id AND version.number IN (item.current, item.latest)
       WHERE item.project_id = $1)`,
    [projectId],
  );
}
