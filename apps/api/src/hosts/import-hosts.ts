import { Injectable } from '@nestjs/common';
import {
  type FieldProblem,
  type HostImport,
  type HostImportAnswer,
  SSH_KINDS,
} from '@diaken/contracts';
import {
  CredentialEntity,
  EnvironmentEntity,
  GroupEntity,
  HostBook,
  type TakenByOther,
} from '@diaken/persistence';
import { DataSource, In } from 'typeorm';
import { missingReferences } from '../deployments/missing-references';
import { unknownObjects } from '../deployments/unknown-objects';
import { Refusal } from '../http/refusal';
import {
  atLine,
  type HostLine,
  hostLines,
  type NamedObjects,
  type RawLine,
  readLines,
} from './host-lines';
import { archivedAlready, takenMessage } from './kept-hosts';

/** Adds the hosts of a CSV: all of them, or none. */
@Injectable()
export class ImportHosts {
  constructor(
    private readonly database: DataSource,
    private readonly book: HostBook,
  ) {}

  /** Throws a refusal that names each wrong line. */
  async execute(asked: HostImport): Promise<HostImportAnswer> {
    const missing = await missingReferences(this.database.manager, asked);
    if (missing.length > 0) {
      throw unknownObjects(missing);
    }
    const { lines, problems } = readLines(asked.csv);
    if (problems.length > 0) {
      throw refused(problems);
    }
    const hosts = hostLines(lines, await this.named(lines), asked, problems);
    const inputs = hosts.map(({ host }) => host);
    problems.push(...(await this.book.takenBy(inputs)).map((taken) => takenAt(taken, hosts)));
    if (problems.length > 0) {
      throw refused(problems);
    }
    const ids = asked.dryRun ? [] : await this.add(hosts);
    return {
      dryRun: asked.dryRun,
      hosts: hosts.map(({ line, host: { name } }, index) => ({
        line,
        name,
        id: ids[index] ?? null,
      })),
    };
  }

  private async add(hosts: readonly HostLine[]): Promise<readonly string[]> {
    const kept = await this.book.add(hosts.map(({ host }) => host));
    if (kept.outcome === 'taken') {
      throw refused(kept.taken.map((taken) => takenAt(taken, hosts)));
    }
    if (kept.outcome === 'archived') {
      throw archivedAlready();
    }
    return kept.ids;
  }

  private async named(lines: readonly RawLine[]): Promise<NamedObjects> {
    const { manager } = this.database;
    const called = (column: string) =>
      In([...new Set(lines.map(({ cells }) => cells[column] ?? ''))]);
    const [credentials, environments] = await Promise.all([
      manager.findBy(CredentialEntity, { name: called('credential'), kind: In([...SSH_KINDS]) }),
      manager.findBy(EnvironmentEntity, { name: called('environment') }),
    ]);
    const groups = await manager.findBy(GroupEntity, {
      environmentId: In(environments.map(({ id }) => id)),
    });
    return {
      credentials: new Map(credentials.map(({ id, name }) => [name, id])),
      environments: new Map(environments.map(({ id, name }) => [name, id])),
      groups: new Map(
        groups.map(({ id, environmentId, name }) => [`${environmentId}/${name}`, id]),
      ),
    };
  }
}

function takenAt(taken: TakenByOther, hosts: readonly HostLine[]): FieldProblem {
  return atLine(hosts[taken.index]?.line ?? 0, taken.what, takenMessage(taken));
}

/** The most problems that one answer lists. */
const MOST_LISTED = 200;

function refused(problems: readonly FieldProblem[]): Refusal {
  const lineOf = ({ path }: FieldProblem) => Number(path.split('.')[1] ?? 0);
  const errors = problems.toSorted((a, b) => lineOf(a) - lineOf(b));
  return new Refusal({
    code: 'import-refused',
    detail: `Nothing was imported: ${errors.length} problems, the first: ${errors[0]?.message}.`,
    remedy: 'Correct the lines named in errors and send all of it again; dryRun checks only.',
    errors: errors.slice(0, MOST_LISTED),
  });
}
