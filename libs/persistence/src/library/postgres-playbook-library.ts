import { setTimeout as pause } from 'node:timers/promises';
import { type CheckState, isSettled, type RunStatus } from '@diaken/contracts';
import {
  type LibraryPlaybook,
  PlaybookLibrary,
  type PlaybookOrigin,
  ProvisioningFailure,
} from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import { ProjectTreeEntity } from '../entities/project.entity';
import { rowsOf } from '../runs/transaction';

/** How often is looked whether a check has ended, milliseconds. A check takes a second or two. */
const LOOK_MS = 250;

/** A playbook with the version in use, and what became of the newest one. */
interface PlaybookRow {
  readonly name: string;
  readonly content: string | null;
  readonly current: number | null;
  readonly projectId: string | null;
  readonly path: string | null;
  /** Of the version in use. */
  readonly commit: string | null;
  readonly latest: number;
  readonly state: CheckState;
  readonly message: string | null;
  readonly runId: string | null;
  readonly runStatus: RunStatus | null;
  /** Whether it is so new that its check may not have been asked for yet. */
  readonly isFresh: boolean;
}

const PLAYBOOK = `
  SELECT item.name, used.content, item.current, item.project_id AS "projectId", item.path, used.commit, item.latest, newest.state, newest.message,
    run.id AS "runId", run.status AS "runStatus",
    newest.created_at > now() - interval '10 seconds' AS "isFresh"
  FROM library_item AS item
  JOIN library_version AS newest ON newest.item_id = item.id AND newest.number = item.latest
  LEFT JOIN library_version AS used ON used.item_id = item.id AND used.number = item.current
  LEFT JOIN run ON run.id = newest.check_run_id
  WHERE item.id = $1 AND item.kind = 'playbook'`;

const TEMPLATES = `
  SELECT item.name, used.content FROM library_item AS item
  JOIN library_version AS used ON used.item_id = item.id AND used.number = item.current
  WHERE item.kind = 'file-template' ORDER BY item.name`;

/** The users' playbooks and file templates in PostgreSQL. */
export class PostgresPlaybookLibrary extends PlaybookLibrary {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async read(playbookId: string, signal: AbortSignal): Promise<LibraryPlaybook> {
    for (;;) {
      signal.throwIfAborted();
      const [row] = await rowsOf<PlaybookRow>(this.database, PLAYBOOK, [playbookId]);
      if (!row) {
        throw missing(playbookId);
      }
      if (!isBeingChecked(row)) {
        return inUse(row);
      }
      await pause(LOOK_MS);
    }
  }

  override async filesFor({ origin }: LibraryPlaybook): Promise<Readonly<Record<string, string>>> {
    if (origin) {
      return this.projectFiles(origin);
    }
    const rows = await rowsOf<{ name: string; content: string }>(this.database, TEMPLATES, []);
    return Object.fromEntries(rows.map(({ name, content }) => [`templates/${name}`, content]));
  }

  private async projectFiles({ projectId, commit }: PlaybookOrigin) {
    const { manager } = this.database;
    const tree = await manager.findOneBy(ProjectTreeEntity, { projectId, commit });
    if (!tree) {
      throw new ProvisioningFailure({
        code: 'project-missing',
        cause: `The files of commit ${commit} are not kept any more: the project was synced or removed meanwhile.`,
        remedy: 'Resume the run: it takes the version that is in use then.',
      });
    }
    return tree.files;
  }
}

function isBeingChecked({ state, runStatus, isFresh }: PlaybookRow): boolean {
  return state === 'checking' && (runStatus === null ? isFresh : !isSettled(runStatus));
}

function inUse({ name, content, current, ...newest }: PlaybookRow): LibraryPlaybook {
  if (content !== null && current !== null) {
    return { name, content, version: current, origin: originOf(newest) };
  }
  const { latest, state, message, runId } = newest;
  if (state === 'refused') {
    throw new ProvisioningFailure({
      code: 'playbook-refused',
      cause: `The playbook ${name} cannot be used: version ${latest} was refused. ${message ?? ''}`,
      remedy: 'Correct the playbook in the library, and resume the run.',
    });
  }
  throw new ProvisioningFailure({
    code: 'playbook-not-checked',
    cause: `The syntax of the playbook ${name}, version ${latest}, has not been checked.`,
    remedy: runId
      ? `See why the run ${runId} did not check it, have it checked again (POST /playbooks/{id}/versions/${latest}/check), and resume this run.`
      : `Have it checked (POST /playbooks/{id}/versions/${latest}/check), and resume this run.`,
  });
}

function originOf({
  projectId,
  path,
  commit,
}: Pick<PlaybookRow, 'projectId' | 'path' | 'commit'>): PlaybookOrigin | null {
  return projectId !== null && path !== null && commit !== null
    ? { projectId, path, commit }
    : null;
}

function missing(playbookId: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'playbook-missing',
    cause: `The playbook ${playbookId} is not in the library any more.`,
    remedy: 'Put it back, or ask for a new machine with another playbook.',
  });
}
