import { fieldsOf, isVimType, type VimField } from '../schema/vim-schema';
import { MoRef, type VimObject, type VimValue } from './vim-value';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;', // a bare one would arrive as a line feed (XML 1.0, 2.11)
};

/** What XML 1.0 (2.2) cannot carry in any form. */
const UNCARRIABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/**
 * Writes a data object as an XML element, its fields in the order that vCenter's reader insists on.
 * Throws `TypeError` for a type or field that the schema does not have, or a required one that is missing.
 */
export function serialize(
  element: string,
  type: string,
  value: VimObject,
  attributes = '',
): string {
  const out: string[] = [];
  writeObject(out, { name: element, type, list: false, required: true }, value, attributes);
  return out.join('');
}

/** Text that is safe in an element or attribute. Throws `TypeError` for what XML cannot carry. */
export function escapeXml(text: string, where: string): string {
  if (UNCARRIABLE.test(text)) {
    throw new TypeError(`<${where}> holds a character that XML cannot carry`);
  }
  return text.replace(/[&<>"'\r]/g, (character) => ENTITIES[character] ?? character);
}

function writeObject(out: string[], field: VimField, value: VimObject, attributes = ''): void {
  const type = value.$type ?? field.type;
  if (!isVimType(type)) throw new TypeError(`The schema has no type ${type} for <${field.name}>`);
  const fields = fieldsOf(type);
  for (const name of Object.keys(value)) {
    if (name !== '$type' && !fields.has(name)) throw new TypeError(`${type} has no field ${name}`);
  }
  const typing = type === field.type ? '' : ` xsi:type="${type}"`;
  out.push(`<${field.name}${attributes}${typing}>`);
  for (const each of fields.values()) writeField(out, type, each, value[each.name]);
  out.push(`</${field.name}>`);
}

function writeField(
  out: string[],
  owner: string,
  field: VimField,
  value: VimValue | undefined,
): void {
  if (value === undefined) {
    if (field.required) throw new TypeError(`${owner} needs the field ${field.name}`);
    return;
  }
  if (Array.isArray(value) !== field.list) {
    throw new TypeError(`${owner}.${field.name} ${field.list ? 'is a list' : 'is no list'}`);
  }
  for (const each of Array.isArray(value) ? value : [value]) writeValue(out, field, each);
}

function writeValue(out: string[], field: VimField, value: VimValue): void {
  if (value instanceof MoRef) return writeMoRef(out, field, value);
  if (value instanceof Date) return writeText(out, field, value.toISOString(), 'dateTime');
  if (value instanceof Uint8Array) {
    return writeText(out, field, Buffer.from(value).toString('base64'), 'base64Binary');
  }
  if (typeof value === 'object') return writeObject(out, field, value as VimObject);
  writeText(out, field, String(value), xsdTypeOf(value));
}

function writeMoRef(out: string[], { name, type }: VimField, value: MoRef): void {
  const typing = type === 'anyType' ? ' xsi:type="ManagedObjectReference"' : '';
  const kind = escapeXml(value.type, name);
  out.push(`<${name} type="${kind}"${typing}>${escapeXml(value.value, name)}</${name}>`);
}

function writeText(out: string[], { name, type }: VimField, text: string, xsdType: string): void {
  const typing = type === 'anyType' ? ` xsi:type="xsd:${xsdType}"` : '';
  out.push(`<${name}${typing}>${escapeXml(text, name)}</${name}>`);
}

function xsdTypeOf(value: string | number | boolean): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (!Number.isInteger(value)) return 'double';
  return Math.abs(value) > 0x7fff_ffff ? 'long' : 'int';
}
