import { randomUUID } from 'node:crypto';
import type { CheckState, LibraryKind } from '@diaken/contracts';
import { type DataSource, type EntityManager, In, LessThan } from 'typeorm';
import { LibraryItemEntity, LibraryVersionEntity } from '../entities/library.entity';
import { type PageWish, pageByName } from '../paging';

/** An item with the version that its readers look at first. */
export interface ShelvedItem {
  readonly item: LibraryItemEntity;
  readonly latest: LibraryVersionEntity;
}

/** What an author writes about an item. */
export interface ItemFacts {
  readonly name: string;
  readonly description: string;
  readonly details: Record<string, unknown>;
}

/** A text that an author hands in. */
export interface NewVersion {
  readonly content: string;
  readonly author: string;
  readonly note: string;
  /** `checking` for what a worker is to check first. */
  readonly state: Extract<CheckState, 'checking' | 'ok'>;
}

/** Items of one kind and their versions. A version is only ever added. */
export class LibraryShelf {
  constructor(
    private readonly database: DataSource,
    readonly kind: LibraryKind,
  ) {}

  /** Puts a new item there, with its first version. Violates a unique constraint when the name is taken. */
  async add(facts: ItemFacts, version: NewVersion): Promise<ShelvedItem> {
    return this.database.transaction(async (manager) => {
      const now = new Date();
      const item = manager.create(LibraryItemEntity, {
        ...{ id: randomUUID(), kind: this.kind, ...facts },
        ...{ current: version.state === 'ok' ? 1 : null, latest: 1 },
        ...{ projectId: null, path: null, createdAt: now, updatedAt: now },
      });
      await manager.insert(LibraryItemEntity, item as never);
      return { item, latest: await insertVersion(manager, item, version) };
    });
  }

  /** Adds a version. `undefined`: there is no such item. The text of the newest version makes no new one. */
  async addVersion(
    id: string,
    version: NewVersion,
    facts?: ItemFacts,
  ): Promise<(ShelvedItem & { readonly isNew: boolean }) | undefined> {
    return this.database.transaction(async (manager) => {
      const item = await this.locked(manager, id);
      if (!item) {
        return undefined;
      }
      Object.assign(item, facts, { updatedAt: new Date() });
      const before = await versionOf(manager, id, item.latest);
      const isNew = before.content !== version.content;
      if (isNew) {
        item.latest += 1;
        item.current = version.state === 'ok' ? item.latest : item.current;
      }
      await manager.save(item);
      return { item, isNew, latest: isNew ? await insertVersion(manager, item, version) : before };
    });
  }

  async find(id: string): Promise<ShelvedItem | undefined> {
    const { manager } = this.database;
    const item = await manager.findOneBy(LibraryItemEntity, { id, kind: this.kind });
    return item ? { item, latest: await versionOf(manager, id, item.latest) } : undefined;
  }

  async page(wish: PageWish) {
    const { manager } = this.database;
    const page = await pageByName(manager.getRepository(LibraryItemEntity), wish, (select) =>
      select.andWhere('row.kind = :kind', { kind: this.kind }),
    );
    const latest = await latestOf(manager, page.items);
    return {
      ...page,
      items: page.items.flatMap((item) => {
        const version = latest.get(item.id);
        return version ? [{ item, latest: version }] : [];
      }),
    };
  }

  version(itemId: string, number: number): Promise<LibraryVersionEntity | null> {
    return this.database.manager.findOneBy(LibraryVersionEntity, { itemId, number });
  }

  /** Versions without their texts, the newest first. */
  versions(itemId: string, before: number, limit: number): Promise<LibraryVersionEntity[]> {
    return this.database.manager.find(LibraryVersionEntity, {
      select: WITHOUT_TEXT,
      where: { itemId, number: LessThan(before) },
      order: { number: 'DESC' },
      take: limit,
    });
  }

  async remove({ id }: Pick<LibraryItemEntity, 'id'>): Promise<void> {
    await this.database.manager.delete(LibraryItemEntity, { id });
  }

  private locked(manager: EntityManager, id: string): Promise<LibraryItemEntity | null> {
    return manager.findOne(LibraryItemEntity, {
      where: { id, kind: this.kind },
      lock: { mode: 'pessimistic_write' },
    });
  }
}

const WITHOUT_TEXT = {
  ...{ itemId: true, number: true, author: true, note: true, createdAt: true },
  ...{ state: true, message: true, line: true, commit: true, checkRunId: true },
} as const;

async function insertVersion(
  manager: EntityManager,
  { id, latest }: LibraryItemEntity,
  version: NewVersion,
): Promise<LibraryVersionEntity> {
  const entity = manager.create(LibraryVersionEntity, {
    ...{ itemId: id, number: latest, ...version, createdAt: new Date() },
    ...{ message: null, line: null, commit: null, checkRunId: null },
  });
  await manager.insert(LibraryVersionEntity, entity);
  return entity;
}

function versionOf(
  manager: EntityManager,
  itemId: string,
  number: number,
): Promise<LibraryVersionEntity> {
  return manager.findOneByOrFail(LibraryVersionEntity, { itemId, number });
}

async function latestOf(
  manager: EntityManager,
  items: readonly LibraryItemEntity[],
): Promise<ReadonlyMap<string, LibraryVersionEntity>> {
  const versions = await manager
    .createQueryBuilder(LibraryVersionEntity, 'version')
    .select(Object.keys(WITHOUT_TEXT).map((name) => `version.${name}`))
    .innerJoin(
      LibraryItemEntity,
      'item',
      'item.id = version.itemId AND item.latest = version.number',
    )
    .where({ itemId: In(items.map(({ id }) => id)) })
    .getMany();
  return new Map(versions.map((version) => [version.itemId, version]));
}
