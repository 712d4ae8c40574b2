import types from './vim25.generated.json';

/** A field of a vim25 type, as the wire has it. */
export interface VimField {
  readonly name: string;
  /** A vim25 type, an XSD type, or `anyType`. */
  readonly type: string;
  readonly list: boolean;
  readonly required: boolean;
}

const definitions: Readonly<Record<string, readonly string[]>> = types;
const fieldsByType = new Map<string, ReadonlyMap<string, VimField>>();

/** Whether the schema has this type. */
export function isVimType(type: string): boolean {
  return Object.hasOwn(definitions, type);
}

/** The fields of a type in the order of the wire, those of its ancestors first; none for an unknown type. */
export function fieldsOf(type: string): ReadonlyMap<string, VimField> {
  const known = fieldsByType.get(type);
  if (known) return known;
  const [base = '', ...own] = isVimType(type) ? (definitions[type] ?? []) : [];
  const fields = new Map(base === '' ? [] : fieldsOf(base));
  for (const field of own.map(readField)) fields.set(field.name, field);
  fieldsByType.set(type, fields);
  return fields;
}

/** Whether a type is an ancestor's or derived from it. A type that the schema does not have is only itself. */
export function descendsFrom(type: string, ancestor: string): boolean {
  return ancestryOf(type).includes(ancestor);
}

/** A type and its ancestors, the nearest first. */
export function ancestryOf(type: string): readonly string[] {
  const base = isVimType(type) ? definitions[type]?.[0] : undefined;
  return base ? [type, ...ancestryOf(base)] : [type];
}

function readField(text: string): VimField {
  const colon = text.indexOf(':');
  const [, type = '', list, required] = /^(\w+)(\[\])?(!)?$/.exec(text.slice(colon + 1)) ?? [];
  return {
    name: text.slice(0, colon),
    type,
    list: list !== undefined,
    required: required !== undefined,
  };
}
