import {
  type FieldProblem,
  HOST_COLUMNS,
  type HostImport,
  HostInput,
  MOST_IMPORTED,
} from '@diaken/contracts';
import { canonicalAddress } from '@diaken/persistence';
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';

/** What the lines of a CSV call by name. */
export interface NamedObjects {
  /** Ids of credentials by name. */
  readonly credentials: ReadonlyMap<string, string>;
  /** Ids of environments by name. */
  readonly environments: ReadonlyMap<string, string>;
  /** Ids of groups by the id of their environment and their name, with a slash. */
  readonly groups: ReadonlyMap<string, string>;
}

/** A host, and the line of the CSV that it stands in; the header is line 1. */
export interface HostLine {
  readonly line: number;
  readonly host: HostInput;
}

/** A line of the CSV, as texts. */
export interface RawLine {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** What the library tells of each line. */
const Records = z.array(
  z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }),
);

const NEEDED = HOST_COLUMNS.slice(0, 3);

/** Splits a CSV into its lines; answers problems when it is no CSV of hosts. */
export function readLines(csv: string): { lines: RawLine[]; problems: FieldProblem[] } {
  try {
    const options = { bom: true, trim: true, skip_empty_lines: true, info: true } as const;
    const parsed: unknown = parse(csv, options);
    const [header, ...rows] = Records.parse(parsed);
    const columns = (header?.record ?? []).map((name) => name.toLowerCase());
    const lines = rows.map(({ record, info }) => {
      const named = columns.map((column, index) => [column, record[index] ?? ''] as const);
      return { line: info.lines, cells: Object.fromEntries(named) };
    });
    return { lines, problems: headerProblems(columns, rows.length) };
  } catch (error) {
    // The library knows no other way to say that a text is no CSV.
    if (!(error instanceof CsvError)) {
      throw error;
    }
    return { lines: [], problems: [{ path: 'csv', message: `is no CSV: ${error.message}` }] };
  }
}

/** Turns lines into hosts; what is wrong goes to `problems`, with the number of its line. */
export function hostLines(
  lines: readonly RawLine[],
  named: NamedObjects,
  { credentialId }: Pick<HostImport, 'credentialId'>,
  problems: FieldProblem[],
): HostLine[] {
  const hosts = lines.flatMap(({ line, cells }) => {
    const wrong: FieldProblem[] = [];
    const references = referencesOf(cells, named, wrong);
    const read = HostInput.safeParse({
      ...plainFields(cells),
      ...(credentialId !== undefined && { credentialId }),
      ...references,
    });
    wrong.push(...faultsOf(read.error?.issues ?? [], wrong));
    problems.push(...wrong.map(({ path, message }) => atLine(line, path, message)));
    return read.data && wrong.length === 0 ? [{ line, host: read.data }] : [];
  });
  problems.push(...repeated(hosts));
  return hosts;
}

function plainFields(cells: RawLine['cells']) {
  const { name, address, description = '', ssh_port: port, os_family: osFamily } = cells;
  return {
    ...{ name, address, description, osFamily: osFamily?.toLowerCase() },
    ...(port && { sshPort: /^\d+$/.test(port) ? Number(port) : port }),
  };
}

/** What is wrong by the schema, except in columns that are known to be wrong. */
function faultsOf(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  known: readonly FieldProblem[],
): FieldProblem[] {
  return issues
    .map(({ path: [field], message }) => ({
      path: COLUMN_OF[String(field)] ?? String(field),
      message,
    }))
    .filter(({ path }) => !known.some((other) => other.path === path));
}

/** A problem of one line. */
export function atLine(line: number, column: string, message: string): FieldProblem {
  return { path: `csv.${line}.${column}`, message: `line ${line}: ${message}` };
}

const COLUMN_OF: Readonly<Record<string, string>> = {
  ...{ sshPort: 'ssh_port', osFamily: 'os_family', credentialId: 'credential' },
  ...{ environmentId: 'environment', groupIds: 'groups' },
};

function headerProblems(columns: readonly string[], rows: number): FieldProblem[] {
  const known: readonly string[] = HOST_COLUMNS;
  const wrong = columns.filter((name, at) => !known.includes(name) || columns.indexOf(name) !== at);
  const missing = NEEDED.filter((name) => !columns.includes(name));
  return [
    ...wrong.map((name) =>
      atLine(1, name, `"${name}" is no column, or is there twice; columns are ${known.join(', ')}`),
    ),
    ...missing.map((name) => atLine(1, name, `the column ${name} is missing`)),
    ...(rows === 0 ? [{ path: 'csv', message: 'has no line below its header' }] : []),
    ...(rows > MOST_IMPORTED
      ? [
          {
            path: 'csv',
            message: `has ${rows} hosts; at most ${MOST_IMPORTED} can be imported at once`,
          },
        ]
      : []),
  ];
}

function referencesOf(
  { credential, environment, groups }: RawLine['cells'],
  named: NamedObjects,
  wrong: FieldProblem[],
) {
  const find = (known: ReadonlyMap<string, string>, key: string, path: string, what: string) => {
    const id = known.get(key);
    if (id === undefined) {
      wrong.push({ path, message: `there is no ${what}` });
    }
    return id;
  };
  const credentialId =
    credential &&
    find(named.credentials, credential, 'credential', `SSH credential "${credential}"`);
  const environmentId =
    environment &&
    find(named.environments, environment, 'environment', `environment "${environment}"`);
  const groupNames = (groups ?? '')
    .split(';')
    .map((name) => name.trim())
    .filter(Boolean);
  if (groupNames.length > 0 && !environment) {
    wrong.push({ path: 'groups', message: 'groups are of an environment; name that, too' });
  }
  const groupIds = environmentId
    ? groupNames.map((name) =>
        find(
          named.groups,
          `${environmentId}/${name}`,
          'groups',
          `group "${name}" in ${environment}`,
        ),
      )
    : [];
  return {
    ...(credentialId && { credentialId }),
    environmentId: environmentId || null,
    groupIds: groupIds.filter((id) => id !== undefined),
  };
}

function repeated(hosts: readonly HostLine[]): FieldProblem[] {
  return (['name', 'address'] as const).flatMap((column) => {
    const first = new Map<string, number>();
    return hosts.flatMap(({ line, host }) => {
      const value = column === 'address' ? canonicalAddress(host.address) : host.name;
      const other = first.get(value);
      first.set(value, other ?? line);
      const message = `${host[column]} stands in line ${other} already`;
      return other === undefined ? [] : [atLine(line, column, message)];
    });
  });
}
