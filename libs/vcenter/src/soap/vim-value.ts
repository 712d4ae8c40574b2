/** A reference to an object of a vCenter. Its value is opaque: never take it apart. */
export class MoRef {
  constructor(
    readonly type: string,
    readonly value: string,
  ) {}
}

/** What SOAP carries, in both directions. */
export type VimValue =
  string | number | boolean | Date | Uint8Array | MoRef | VimObject | readonly VimValue[];

/** A vim25 data object. `$type` names its type where that is not the one the field declares. */
export interface VimObject {
  readonly $type?: string;
  readonly [field: string]: VimValue | undefined;
}

/** The text, or '' when the value is none. */
export function textOf(value: VimValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The number, or `undefined` when the value is none. */
export function numberOf(value: VimValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The reference, or `undefined` when the value is none. */
export function moRefOf(value: VimValue | undefined): MoRef | undefined {
  return value instanceof MoRef ? value : undefined;
}

/** The data object, or an empty one when the value is none. */
export function objectOf(value: VimValue | undefined): VimObject {
  return isVimObject(value) ? value : {};
}

/** The elements of a list; none when the value is no list. */
export function listOf(value: VimValue | undefined): readonly VimValue[] {
  return isList(value) ? value : [];
}

/** The data objects of a list. */
export function objectsOf(value: VimValue | undefined): readonly VimObject[] {
  return listOf(value).filter(isVimObject);
}

/** The references of a list. */
export function moRefsOf(value: VimValue | undefined): readonly MoRef[] {
  return listOf(value).filter((each) => each instanceof MoRef);
}

/** The texts of a list. */
export function textsOf(value: VimValue | undefined): readonly string[] {
  return listOf(value).filter((each) => typeof each === 'string');
}

/** Whether two references are of the same object of one vCenter. */
export function sameMoRef(one: MoRef | undefined, other: MoRef | undefined): boolean {
  return one !== undefined && one.type === other?.type && one.value === other.value;
}

function isList(value: VimValue | undefined): value is readonly VimValue[] {
  return Array.isArray(value);
}

function isVimObject(value: VimValue | undefined): value is VimObject {
  const structured = typeof value === 'object' && !isList(value);
  return (
    structured && !(value instanceof MoRef || value instanceof Date || value instanceof Uint8Array)
  );
}
