import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { fieldsOf, isVimType } from '../schema/vim-schema';
import { MoRef, type VimObject, type VimValue } from './vim-value';

/** Types of SOAP itself, which the schema does not have. */
const ENVELOPE = '#Envelope';
const BODY = '#Body';
const FAULT = '#Fault';
const DETAIL = '#detail';
/** An element of which only its children tell what it is. */
const UNTYPED = '#untyped';
/** A field that a type of ours does not have: a newer server’s, which must not be sent back either. */
const UNKNOWN = '#unknown';
const SOAP_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [ENVELOPE]: { Body: BODY },
  [BODY]: { Fault: FAULT },
  [FAULT]: { faultcode: 'string', faultstring: 'string', detail: DETAIL },
};

const REFERENCE = 'ManagedObjectReference';
const NUMBERS = new Set(['int', 'long', 'short', 'byte', 'float', 'double']);
const TEXTS = new Set(['string', 'boolean', 'dateTime', 'base64Binary', 'anyURI']);

/** An element that has been opened and not yet closed. */
interface Frame {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
  /** What `xsi:type` said; kept in the value as `$type`. */
  readonly said: string | undefined;
  /** The `type` attribute of a reference. */
  readonly referenced: string;
  readonly children: Map<string, VimValue>;
  text: string;
}

/** Names the only fields of a type that a caller needs; `undefined`: all of them. */
export type NeededFields = (type: string) => ReadonlySet<string> | undefined;

/**
 * Reads a SOAP answer piece by piece while it arrives. The schema says what is a list, a number or a
 * reference, so that nothing is guessed. Of types that it does not know everything is kept as it looks.
 */
export class ResponseParser {
  private readonly sax = new SaxesParser();
  private readonly frames: Frame[] = [];
  private root: VimObject = {};
  /** How deep we are in an element that nobody needs; 0: in none. */
  private leftOut = 0;

  constructor(private readonly neededFields: NeededFields = () => undefined) {
    this.sax.on('opentag', (tag) => this.open(tag));
    this.sax.on('text', (text) => this.append(text));
    this.sax.on('cdata', (text) => this.append(text));
    this.sax.on('closetag', () => this.close());
  }

  /** Takes the next piece. Throws when it is not well-formed XML. */
  write(piece: string): void {
    this.sax.write(piece);
  }

  /** The envelope: `{ Body: { … } }`. Throws when the document is not complete. */
  end(): VimObject {
    this.sax.close();
    return this.root;
  }

  private open({ name, attributes }: SaxesTagPlain): void {
    const local = localName(name);
    if (this.leftOut > 0 || this.isLeftOut(local)) {
      this.leftOut += 1;
      return;
    }
    const said = saidType(attributes);
    const parent = this.frames.at(-1);
    const declared = parent ? declaredIn(parent, local) : { type: ENVELOPE, list: false };
    this.frames.push({
      name: local,
      type: effectiveType(declared.type, said),
      list: declared.list,
      said,
      referenced: attributes['type'] ?? '',
      children: new Map(),
      text: '',
    });
  }

  private isLeftOut(name: string): boolean {
    const parent = this.frames.at(-1);
    const needed = parent && this.neededFields(parent.type);
    return needed !== undefined && !needed.has(name);
  }

  private append(text: string): void {
    if (this.leftOut > 0) return;
    const frame = this.frames.at(-1);
    if (frame) frame.text += text;
  }

  private close(): void {
    if (this.leftOut > 0) {
      this.leftOut -= 1;
      return;
    }
    const frame = this.frames.pop();
    if (!frame) return;
    const value = valueOf(frame);
    const parent = this.frames.at(-1);
    if (parent && frame.type !== UNKNOWN) adopt(parent, frame, value);
    else if (!parent) this.root = Object.fromEntries(frame.children);
  }
}

function adopt(parent: Frame, { name, list }: Frame, value: VimValue): void {
  const before = parent.children.get(name);
  const several = list || (before !== undefined && parent.type === UNTYPED);
  if (!several) parent.children.set(name, value);
  else if (Array.isArray(before)) before.push(value);
  else parent.children.set(name, before === undefined ? [value] : [before, value]);
}

function declaredIn(parent: Frame, name: string): { type: string; list: boolean } {
  if (parent.type.startsWith('ArrayOf')) return { type: elementType(parent.type), list: true };
  if (parent.type === DETAIL) return { type: faultType(name), list: false };
  const soapType = SOAP_FIELDS[parent.type]?.[name];
  if (soapType) return { type: soapType, list: false };
  if (parent.type === BODY) return { type: isVimType(name) ? name : UNTYPED, list: false };
  const stranger = isVimType(parent.type) ? UNKNOWN : UNTYPED;
  return fieldsOf(parent.type).get(name) ?? { type: stranger, list: false };
}

/** The type of a value: what `xsi:type` says if that is known, otherwise what the field declares. */
function effectiveType(declared: string, said: string | undefined): string {
  const known =
    said !== undefined &&
    declared !== UNKNOWN &&
    (isVimType(said) ||
      said === REFERENCE ||
      NUMBERS.has(said) ||
      TEXTS.has(said) ||
      said.startsWith('ArrayOf'));
  if (known) return said;
  return declared === 'anyType' ? UNTYPED : declared;
}

function valueOf({ type, said, referenced, children, text }: Frame): VimValue {
  if (type === REFERENCE) return new MoRef(referenced, text);
  if (type.startsWith('ArrayOf')) return [...children.values()].flat();
  if (children.size > 0 || isVimType(type)) {
    return { ...(said === undefined ? {} : { $type: said }), ...Object.fromEntries(children) };
  }
  return scalarOf(type, said, text);
}

function scalarOf(type: string, said: string | undefined, text: string): VimValue {
  if (NUMBERS.has(type)) return Number(text);
  if (type === 'boolean') return text === 'true' || text === '1';
  if (type === 'base64Binary') return Buffer.from(text, 'base64');
  if (type === UNTYPED && said !== undefined && text.trim() === '') return { $type: said };
  return text;
}

/** `ArrayOfManagedObjectReference` holds references, `ArrayOfString` strings. */
function elementType(arrayType: string): string {
  const name = arrayType.slice('ArrayOf'.length);
  const primitive = name.toLowerCase();
  if (isVimType(name) || name === REFERENCE) return name;
  return NUMBERS.has(primitive) || TEXTS.has(primitive) ? primitive : UNTYPED;
}

/** `<InvalidLoginFault>` holds an `InvalidLogin`, when no `xsi:type` says so. */
function faultType(name: string): string {
  const type = name.replace(/Fault$/, '');
  return isVimType(type) ? type : UNTYPED;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The value of `xsi:type`, whatever its prefix: some servers invent one. A plain `type` is a reference's. */
function saidType(attributes: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.endsWith(':type')) return localName(value);
  }
  return undefined;
}
