import { CsvError, parse } from 'csv-parse/sync';
import { invalid } from '../http/refusal';

/** A record of a CSV, and the line on which it ends. */
export interface CsvMachine {
  readonly line: number;
  readonly machine: object;
}

/** Columns that hold numbers, and columns that hold lists, parted by blanks. */
const NUMBERS = new Set(['cpus', 'memoryMb', 'diskGb', 'sshPort', 'priority', 'retry.attempts']);
const LISTS = new Set(['playbookIds', 'network.dns']);

/**
 * Reads machines from a CSV whose columns are called as the fields of a request are: `hostname`, `network.address`.
 * Empty cells are fields that are left out. Throws a refusal that names the line.
 */
export function readMachines(csv: string): readonly CsvMachine[] {
  return recordsIn(csv).map(({ record, info }) => ({
    line: info.lines,
    machine: nested(Object.entries(record)),
  }));
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function recordsIn(csv: string): readonly CsvRecord[] {
  const [header = ''] = csv.split('\n', 1);
  // What Excel writes where the comma is for decimals.
  const delimiter = header.includes(';') && !header.includes(',') ? ';' : ',';
  try {
    return parse<CsvRecord>(csv, {
      ...{ bom: true, columns: true, info: true, skip_empty_lines: true, trim: true },
      delimiter,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) {
      throw error;
    }
    const path = typeof error['lines'] === 'number' ? `line ${error['lines']}` : '';
    throw invalid([{ path, message: `is no CSV: ${error.message}` }]);
  }
}

/** Columns with dots are fields of fields. Without a prototype, so that `__proto__` is a field like any other. */
function nested(cells: readonly (readonly [string, string])[]): object {
  const machine: Record<string, unknown> = Object.create(null);
  for (const [column, text] of cells.filter(([, cell]) => cell !== '')) {
    const [field = '', ...rest] = column.split('.');
    const value = valueOf(column, text);
    const inner = rest.join('.');
    machine[field] = inner ? { ...Object(machine[field]), [inner]: value } : value;
  }
  return machine;
}

function valueOf(column: string, text: string): unknown {
  if (NUMBERS.has(column) && /^\d+$/.test(text)) {
    return Number(text);
  }
  return LISTS.has(column) ? text.split(/[\s,;]+/) : text;
}
