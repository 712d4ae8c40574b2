import { SCRIPT_LANGUAGES, USABLE_STATES } from '@diaken/contracts';
import {
  LibraryChecks,
  type SyntaxVerdict,
  type TextToCheck,
  type VersionRef,
} from '@diaken/provisioning';
import type { DataSource } from 'typeorm';
import * as z from 'zod';
import { LibraryItemEntity, LibraryVersionEntity } from '../entities/library.entity';
import { ProjectTreeEntity } from '../entities/project.entity';

const ScriptDetails = z.object({ language: z.enum(SCRIPT_LANGUAGES) });

/** Verdicts on the users' texts in PostgreSQL. */
export class PostgresLibraryChecks extends LibraryChecks {
  constructor(private readonly database: DataSource) {
    super();
  }

  override async find({ itemId, number }: VersionRef): Promise<TextToCheck | undefined> {
    const { manager } = this.database;
    const [item, version] = await Promise.all([
      manager.findOneBy(LibraryItemEntity, { id: itemId }),
      manager.findOneBy(LibraryVersionEntity, { itemId, number }),
    ]);
    if (!item || !version) {
      return undefined;
    }
    const text = { language: languageOf(item), content: version.content };
    const { projectId, path } = item;
    const { commit } = version;
    if (projectId === null || path === null || commit === null) {
      return text;
    }
    const tree = await manager.findOneBy(ProjectTreeEntity, { projectId, commit });
    return tree ? { ...text, path, files: tree.files } : undefined;
  }

  override async store({ itemId, number }: VersionRef, found: SyntaxVerdict): Promise<void> {
    const { verdict, message, line } = found;
    await this.database.transaction(async (manager) => {
      // Versions of one item are judged one after the other.
      await manager.query('SELECT FROM library_item WHERE id = $1 FOR UPDATE', [itemId]);
      await manager.update(
        LibraryVersionEntity,
        { itemId, number },
        { state: verdict, message, line },
      );
      await manager.query(
        `UPDATE library_item SET current =
           (SELECT max(number) FROM library_version WHERE item_id = id AND state = ANY($2))
         WHERE id = $1`,
        [itemId, USABLE_STATES],
      );
    });
  }
}

function languageOf({ kind, details }: LibraryItemEntity): TextToCheck['language'] {
  switch (kind) {
    case 'playbook':
      return 'playbook';
    case 'file-template':
      return 'jinja2';
    case 'script':
      return ScriptDetails.parse(details).language;
    case 'requirements':
      throw new Error('Requirements are checked when they are stored');
  }
}
