import { Injectable } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import {
  type ItemFacts,
  LibraryShelf,
  LibraryVersionEntity,
  type NewVersion,
  runsThatPlay,
  type ShelvedItem,
} from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { withFreeName } from '../http/conflicts';
import { notFound, Refusal } from '../http/refusal';
import { type Asking, StartRun } from '../runs/start-run';
import type { LibraryNoun } from './library-noun';

/** A text that somebody hands in. */
export interface HandedIn {
  readonly content: string;
  readonly note: string;
}

const CHECK_PLAN = planFor('check-library-item');

/** Takes texts into the library and has them checked; no version is used before that. */
@Injectable()
export class Librarian {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  shelf({ kind }: Pick<LibraryNoun, 'kind'>): LibraryShelf {
    return new LibraryShelf(this.database, kind);
  }

  /** Throws a refusal when there is no such item. */
  async find(noun: LibraryNoun, id: string): Promise<ShelvedItem> {
    return known(noun, id, await this.shelf(noun).find(id));
  }

  /** Throws a refusal when there is no such item or version. */
  async version(noun: LibraryNoun, id: string, number: number) {
    const { item } = await this.find(noun, id);
    const version = await this.shelf(noun).version(id, number);
    if (!version) {
      throw notFound(`version ${number} of the ${noun.called}`, id);
    }
    return { item, version };
  }

  /** Throws a refusal when the text is wrong or the name is taken. */
  async add(
    noun: LibraryNoun,
    actor: Actor,
    facts: ItemFacts,
    text: HandedIn,
  ): Promise<ShelvedItem> {
    const version = newVersion(noun, actor, text);
    const adding = this.shelf(noun).add(facts, version);
    const shelved = await withFreeName(noun.called, facts.name, adding);
    return this.haveChecked(noun, actor, shelved);
  }

  /** A new version, unless the text is that of the newest one. Without `facts` only the text changes. */
  async change(
    noun: LibraryNoun,
    { actor, id }: { readonly actor: Actor; readonly id: string },
    text: HandedIn,
    facts?: ItemFacts,
  ): Promise<ShelvedItem> {
    refuseUnlessOwn(noun, await this.find(noun, id));
    const version = newVersion(noun, actor, text);
    const adding = this.shelf(noun).addVersion(id, version, facts);
    const added = known(noun, id, await withFreeName(noun.called, facts?.name ?? '', adding));
    return added.isNew ? this.haveChecked(noun, actor, added) : added;
  }

  /** Has a version checked, also once more: what a worker lacked may be there now. */
  async check(
    { username }: Pick<Actor, 'username'>,
    target: string,
    { itemId, number }: Pick<LibraryVersionEntity, 'itemId' | 'number'>,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'> = {},
  ): Promise<RunAccepted> {
    const request = { itemId, number };
    const accepted = await this.startRun.execute({
      kind: 'check-library-item',
      target,
      request,
      asked: request,
      requestedBy: username,
      plan: CHECK_PLAN,
      ...origin,
    });
    const { manager } = this.database;
    await manager.update(LibraryVersionEntity, { itemId, number }, { checkRunId: accepted.id });
    return accepted;
  }

  /** Throws a refusal while runs that go on are to play it. */
  async remove(noun: LibraryNoun, id: string): Promise<void> {
    const { item } = refuseUnlessOwn(noun, await this.find(noun, id));
    const runs = noun.kind === 'playbook' ? await runsThatPlay(this.database, [id]) : [];
    if (runs.length > 0) {
      throw usedByRuns(`The ${noun.called} ${item.name}`, runs);
    }
    await this.shelf(noun).remove(item);
  }

  private async haveChecked(
    noun: LibraryNoun,
    actor: Actor,
    { item, latest }: ShelvedItem,
  ): Promise<ShelvedItem> {
    if (!noun.isChecked) {
      return { item, latest };
    }
    const { id } = await this.check(actor, item.name, latest);
    return { item, latest: { ...latest, checkRunId: id } };
  }
}

/** For what runs that go on are to play. */
export function usedByRuns(
  what: string,
  runs: readonly { readonly id: string; readonly target: string }[],
): Refusal {
  const named = runs.map(({ id, target }) => `${target} (${id})`).join(', ');
  return new Refusal({
    code: 'still-in-use',
    detail: `${what} is used by runs that go on: ${named}.`,
    remedy: 'Wait until they have ended, or cancel them.',
  });
}

function refuseUnlessOwn({ called }: LibraryNoun, shelved: ShelvedItem): ShelvedItem {
  const { name, projectId } = shelved.item;
  if (projectId !== null) {
    throw new Refusal({
      code: 'action-not-allowed',
      detail: `The ${called} ${name} comes from a Git project and is changed only there.`,
      remedy: `Change it in the repository, and sync the project: POST /projects/${projectId}/sync.`,
    });
  }
  return shelved;
}

function newVersion(
  { isChecked, refuseContent }: LibraryNoun,
  { username }: Actor,
  { content, note }: HandedIn,
): NewVersion {
  refuseContent?.(content);
  return { content, note, author: username, state: isChecked ? 'checking' : 'ok' };
}

function known<T>({ called }: LibraryNoun, id: string, found: T | undefined): T {
  if (found === undefined) {
    throw notFound(called, id);
  }
  return found;
}
