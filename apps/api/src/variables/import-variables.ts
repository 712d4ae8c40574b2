import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type FieldProblem,
  type FiledVariable,
  VariableChange,
  VariableFile,
  type VariableImport,
  type VariableImportAnswer,
} from '@diaken/contracts';
import { storeVariables, valueColumns, VariableEntity } from '@diaken/persistence';
import { SecretBox } from '@diaken/runtime';
import { DataSource } from 'typeorm';
import { parse, YAMLParseError } from 'yaml';
import { Refusal } from '../http/refusal';
import { keyOf, OwnerDirectory } from './owner-names';
import type { OwnerColumns } from './variable-owners';

/** A variable of a file that can be stored. */
interface Meant {
  readonly filed: FiledVariable;
  readonly owner: OwnerColumns;
}

/** Stores the variables of a file: all of them, or none. */
@Injectable()
export class ImportVariables {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** Throws a refusal that names each wrong variable. */
  async execute({ content, existing, dryRun }: VariableImport): Promise<VariableImportAnswer> {
    const { variables } = readFile(content);
    return this.database.transaction(async (manager) => {
      // Two imports at once would both see what is missing.
      await manager.query('LOCK TABLE variable IN SHARE ROW EXCLUSIVE MODE');
      const meant = meaningOf(variables, await OwnerDirectory.read(manager));
      const known = new Map((await manager.find(VariableEntity)).map((one) => [keyOf(one), one]));
      const counts = { created: 0, updated: 0, skipped: 0 };
      const withoutValue: string[] = [];
      const rows: VariableEntity[] = [];
      for (const { filed, owner } of meant) {
        const there = known.get(keyOf({ ...owner, name: filed.name }));
        if (there && existing === 'skip') {
          counts.skipped += 1;
        } else if (filed.value === undefined) {
          withoutValue.push(filed.name);
        } else {
          counts[there ? 'updated' : 'created'] += 1;
          rows.push(this.rowOf({ filed, owner }, there));
        }
      }
      await storeVariables(manager, dryRun ? [] : rows);
      return { dryRun, ...counts, withoutValue };
    });
  }

  private rowOf({ filed, owner }: Meant, there: VariableEntity | undefined): VariableEntity {
    const updatedAt = new Date();
    const { id, createdAt } = there ?? { id: randomUUID(), createdAt: updatedAt };
    const { name, section, description } = filed;
    const value = valueColumns(this.box, id, filed);
    return { ...owner, ...value, id, name, section, description, createdAt, updatedAt };
  }
}

function readFile(content: string): VariableFile {
  const read = VariableFile.safeParse(yamlOf(content));
  if (!read.success) {
    throw refused(
      read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    );
  }
  return read.data;
}

function yamlOf(content: string): unknown {
  try {
    return parse(content, { maxAliasCount: 100 });
  } catch (error) {
    // The library knows no other way to say that a text is no YAML; too many aliases are a ReferenceError.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) {
      throw error;
    }
    // Its own message quotes the file, which may hold secrets.
    const where =
      error instanceof YAMLParseError && `${error.code} at line ${error.linePos?.[0].line}`;
    const message = `is neither JSON nor YAML: ${where || 'too many aliases, or one without an anchor'}`;
    throw refused([{ path: 'content', message }]);
  }
}

/** What each variable of the file is of. Throws a refusal when one is wrong, or stands there twice. */
function meaningOf(variables: readonly FiledVariable[], owners: OwnerDirectory): readonly Meant[] {
  const problems: FieldProblem[] = [];
  const first = new Map<string, number>();
  const meant = variables.flatMap((filed, index) => {
    const problem = (field: string, message: string) =>
      problems.push({ path: `variables.${index}.${field}`, message });
    problems.push(...valueProblems(filed, index));
    const owner = owners.find(filed);
    if ('field' in owner) {
      problem(owner.field, owner.message);
      return [];
    }
    const key = keyOf({ ...owner, name: filed.name });
    const other = first.get(key);
    if (other !== undefined) {
      problem('name', `${filed.name} stands there twice: variables.${other} is the same`);
    }
    first.set(key, other ?? index);
    return [{ filed, owner }];
  });
  if (problems.length > 0) {
    throw refused(problems);
  }
  return meant;
}

/** Only secrets may stand there without a value: they are exported so. */
function valueProblems({ type, value }: FiledVariable, index: number): FieldProblem[] {
  if (value === undefined && type === 'secret') {
    return [];
  }
  const issues = VariableChange.safeParse({ type, value }).error?.issues ?? [];
  return issues.map(({ path, message }) => ({
    path: ['variables', index, ...path].join('.'),
    message,
  }));
}

/** The most problems that one answer lists. */
const MOST_LISTED = 200;

function refused(errors: readonly FieldProblem[]): Refusal {
  return new Refusal({
    code: 'import-refused',
    detail: `Nothing was imported: ${errors.length} problems, the first: ${errors[0]?.path}: ${errors[0]?.message}.`,
    remedy: 'Correct what errors name and send the whole file again; dryRun checks only.',
    errors: errors.slice(0, MOST_LISTED),
  });
}
